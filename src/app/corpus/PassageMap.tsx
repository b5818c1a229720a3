import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { Button } from '../components/Button.tsx';
import { useShownTheme } from '../theme/useShownTheme.ts';
import { fitted, panned, pointNear, zoomed, type Camera, type Point, type Size } from './camera.ts';
import { drawMap, readInk, type MapScene } from './mapDrawing.ts';
import styles from './PassageMap.module.css';

interface PassageMapProps {
  readonly scene: Omit<MapScene, 'hovered'>;
  readonly label: string;
  readonly onChoose: (passage: number | undefined) => void;
}

/** Pixels that an arrow key moves the map, and within which a click means a point. */
const stride = 60;
const reach = 14;

/** The corpus as points: drag, wheel or pinch, arrows, + and −. The list beside it says the same in words. */
export function PassageMap({ scene, label, onChoose }: PassageMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const [moved, setMoved] = useState<{ readonly camera: Camera; readonly of: Float32Array }>();
  const [hovered, setHovered] = useState<number>();
  const theme = useShownTheme();
  const { at } = scene;
  const home = useMemo(() => fitted(at, size), [at, size]);
  // Another corpus is looked at anew.
  const camera = moved?.of === at ? moved.camera : home;
  const look = (next: Camera): void => setMoved({ camera: next, of: at });

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    measure.observe(element);
    return () => measure.disconnect();
  }, []);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || context == null || size.width === 0) return;
    const ratio = window.devicePixelRatio;
    element.width = Math.round(size.width * ratio);
    element.height = Math.round(size.height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawMap(context, { ...scene, hovered }, camera, home, size, readInk());
  }, [scene, hovered, camera, home, size, theme]);

  // React listens to the wheel passively, and the page would scroll along.
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const factor = Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.002));
      setMoved((now) => {
        const from = now?.of === at ? now.camera : home;
        return { camera: zoomed(from, size, [event.offsetX, event.offsetY], factor, home), of: at };
      });
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [at, home, size]);

  const fingers = useFingers(camera, size, home, look);
  const middle: Point = [size.width / 2, size.height / 2];
  const zoom = (factor: number): void => look(zoomed(camera, size, middle, factor, home));
  const press = (event: KeyboardEvent): void => {
    const act = {
      ArrowLeft: () => look(panned(camera, stride, 0)),
      ArrowRight: () => look(panned(camera, -stride, 0)),
      ArrowUp: () => look(panned(camera, 0, stride)),
      ArrowDown: () => look(panned(camera, 0, -stride)),
      '+': () => zoom(1.5),
      '=': () => zoom(1.5),
      '-': () => zoom(1 / 1.5),
      '0': () => look(home),
      Enter: () => onChoose(pointNear(at, camera, size, middle, Infinity)),
    }[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
  };
  const placeOf = (event: PointerEvent): Point => [event.nativeEvent.offsetX, event.nativeEvent.offsetY];

  return (
    <div className={styles.frame}>
      <div
        ref={box}
        className={styles.box}
        role="application"
        tabIndex={0}
        aria-label={label}
        aria-roledescription="map"
        onKeyDown={press}
      >
        <canvas
          ref={canvas}
          className={styles.canvas}
          aria-hidden="true"
          onPointerDown={fingers.down}
          onPointerMove={(event) => {
            if (fingers.move(event)) return;
            setHovered(pointNear(at, camera, size, placeOf(event), reach));
          }}
          onPointerUp={(event) => {
            if (!fingers.up(event)) onChoose(pointNear(at, camera, size, placeOf(event), reach));
          }}
          onPointerCancel={fingers.up}
          onPointerLeave={() => setHovered(undefined)}
          data-pointing={hovered !== undefined}
        />
      </div>
      <div className={styles.buttons}>
        <Button look="quiet" aria-label="Nearer" onClick={() => zoom(1.6)}>
          +
        </Button>
        <Button look="quiet" aria-label="Further" onClick={() => zoom(1 / 1.6)}>
          −
        </Button>
        <Button look="quiet" onClick={() => look(home)}>
          All
        </Button>
      </div>
    </div>
  );
}

/** One pointer moves the map, two zoom it. `move` and `up` say whether the pointer was dragging. */
function useFingers(camera: Camera, size: Size, home: Camera, look: (camera: Camera) => void) {
  const held = useRef(new Map<number, Point>());
  const travelled = useRef(0);
  const at = (event: PointerEvent): Point => [event.nativeEvent.offsetX, event.nativeEvent.offsetY];
  const apart = ([a, b]: readonly Point[]): number =>
    a === undefined || b === undefined ? 0 : Math.hypot(a[0] - b[0], a[1] - b[1]);
  return {
    down: (event: PointerEvent): void => {
      event.currentTarget.setPointerCapture(event.pointerId);
      if (held.current.size === 0) travelled.current = 0;
      held.current.set(event.pointerId, at(event));
    },
    move: (event: PointerEvent): boolean => {
      const before = held.current.get(event.pointerId);
      if (before === undefined) return false;
      const now = at(event);
      const spread = apart([...held.current.values()]);
      held.current.set(event.pointerId, now);
      travelled.current += Math.hypot(now[0] - before[0], now[1] - before[1]);
      if (travelled.current < 4) return true;
      if (held.current.size === 1) look(panned(camera, now[0] - before[0], now[1] - before[1]));
      else if (spread > 0) look(zoomed(camera, size, now, apart([...held.current.values()]) / spread, home));
      return true;
    },
    up: (event: PointerEvent): boolean => {
      held.current.delete(event.pointerId);
      return travelled.current >= 4 || event.type === 'pointercancel';
    },
  };
}
