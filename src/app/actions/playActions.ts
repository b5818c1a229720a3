import { goTo } from '../routing/hashLocation.ts';
import { another, askBoth, isAsking, rollAgain, stopAsked } from '../worker/asking.ts';
import { startRun } from '../worker/session.ts';
import { startable, type Action } from './action.ts';

export const playActions = {
  trainHere: {
    id: 'trainHere',
    label: 'Train it yourself, here',
    where: 'Play',
    part: 'train-here',
    possible: startable,
    perform: () => {
      goTo('/train');
      void startRun();
    },
  },
  ask: {
    id: 'ask',
    label: 'Ask both',
    where: 'Play',
    key: 'a',
    possible: ({ questionText }) => questionText.trim() !== '',
    perform: () => void askBoth(),
  },
  stopAsked: {
    id: 'stopAsked',
    label: 'Stop the answers',
    where: 'Play',
    key: 'x',
    possible: isAsking,
    perform: stopAsked,
  },
  another: {
    id: 'another',
    label: 'Another question',
    where: 'Play',
    key: 'n',
    perform: () => void another(),
  },
  dice: {
    id: 'dice',
    label: 'Roll again: other dice, same question',
    where: 'Play',
    key: 'd',
    possible: ({ questionText }) => questionText.trim() !== '',
    perform: () => void rollAgain(),
  },
} as const satisfies Record<string, Action>;
