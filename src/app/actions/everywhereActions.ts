import { keepEverything, takeNewVersion } from '../offline/offline.ts';
import { shareAddress } from '../routing/linkSync.ts';
import { shownTheme } from '../theme/theme.ts';
import { state, view, type Action } from './action.ts';

export const everywhereActions = {
  shortcuts: {
    id: 'shortcuts',
    label: 'Show the keys',
    where: 'everywhere',
    key: '?',
    perform: () => view({ dialog: 'shortcuts' }),
  },
  palette: {
    id: 'palette',
    label: 'Find a command by its name',
    where: 'everywhere',
    chord: 'k',
    perform: () => view({ dialog: 'palette' }),
  },
  undo: {
    id: 'undo',
    label: 'Undo',
    where: 'everywhere',
    key: 'z',
    chord: 'z',
    possible: ({ undo }) => undo !== undefined,
    perform: () => {
      const { undo, offerUndo } = state();
      offerUndo(undefined);
      undo?.perform();
    },
  },
  hide: {
    id: 'hide',
    label: 'Show and hide parts, for a class',
    where: 'everywhere',
    perform: () => view({ dialog: 'hide' }),
  },
  print: {
    id: 'print',
    label: 'Print this view',
    where: 'everywhere',
    perform: () => window.print(),
  },
  keepAll: {
    id: 'keepAll',
    label: 'Keep everything for offline use',
    about: 'downloads engine, policies and embedding model',
    where: 'everywhere',
    possible: ({ offline }) => offline.kept === 'shell' && offline.progress === undefined,
    perform: () => void keepEverything(),
  },
  newVersion: {
    id: 'newVersion',
    label: 'Open the newer version of this page',
    where: 'everywhere',
    possible: ({ offline }) => offline.newVersion,
    perform: () => void takeNewVersion(),
  },
  theme: {
    id: 'theme',
    label: 'Switch between light and dark',
    where: 'everywhere',
    key: 't',
    perform: () => view({ theme: shownTheme(state().theme) === 'dark' ? 'light' : 'dark' }),
  },
  recipe: {
    id: 'recipe',
    label: 'Open the recipe',
    where: 'everywhere',
    key: 'r',
    part: 'recipe',
    perform: () => view({ dialog: 'recipe' }),
  },
  share: {
    id: 'share',
    label: 'Copy a link to what is shown',
    where: 'everywhere',
    key: 'l',
    perform: () => void navigator.clipboard.writeText(shareAddress()),
  },
} as const satisfies Record<string, Action>;
