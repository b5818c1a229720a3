import { lazy, type ComponentType } from 'react';
import type { ViewPath } from '../routing/views.ts';
import { PlayView } from '../play/PlayView.tsx';

/** What each view draws. All but the first are chunks of their own: the first paint does not wait for them. */
export const routes: Readonly<Record<ViewPath, ComponentType>> = {
  '/': PlayView,
  '/train': lazy(() => import('../train/TrainView.tsx')),
  '/rollouts': lazy(() => import('../rollouts/RolloutsView.tsx')),
  '/update': lazy(() => import('../update/UpdateView.tsx')),
  '/behaviours': lazy(() => import('../behaviours/BehavioursView.tsx')),
  '/evaluate': lazy(() => import('../evaluate/EvaluateView.tsx')),
  '/corpus': lazy(() => import('../corpus/CorpusView.tsx')),
  '/learn': lazy(() => import('../learn/LearnView.tsx')),
  '/models': lazy(() => import('../models/ModelsView.tsx')),
};
