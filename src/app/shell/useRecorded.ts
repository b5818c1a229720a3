import { useEffect } from 'react';
import { readRecorded, recordedAddress } from '../store/recordedState.ts';
import { useApp } from '../store/store.ts';

/** How long the whole recorded run takes to play. */
const playMilliseconds = 7000;

/** Fetches the recorded run once the first paint is done, then plays it; motion only for those who want it. */
export function useRecorded(): void {
  const playing = useApp((state) => state.recorded.status === 'ready' && state.recorded.playing);
  const steps = useApp((state) => (state.recorded.status === 'ready' ? state.recorded.run.steps.length : 0));

  useEffect(() => {
    let wanted = true;
    const { setRecorded, recordedArrived } = useApp.getState();
    setRecorded({ status: 'reading' });
    readRecorded(recordedAddress).then(
      (run) => {
        if (!wanted) return;
        recordedArrived(run, matchMedia('(prefers-reduced-motion: reduce)').matches);
        putFirstQuestion();
      },
      (error: unknown) => {
        if (!wanted) return;
        setRecorded({ status: 'missing', message: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => {
      wanted = false;
    };
  }, []);

  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(
      () => useApp.getState().advanceRecording(),
      playMilliseconds / Math.max(steps, 1),
    );
    return () => clearInterval(timer);
  }, [playing, steps]);
}

/** The recorded pair's question stands in the box, unless a link or a visitor has put another there. */
function putFirstQuestion(): void {
  const { recorded, questionText, pair, asked, setPlay } = useApp.getState();
  const question = recorded.status === 'ready' ? recorded.run.pairs[pair]?.question : undefined;
  if (question !== undefined && asked === undefined && questionText === '') {
    setPlay({ questionText: question.text, picked: question });
  }
}
