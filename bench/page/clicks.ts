import type { TrainingPage } from './trainingPage.ts';

/**
 * What a visitor clicks while a run goes on, once round all views that show it. Each kind is pressed a few times, on
 * other things each time. Begins and ends on Train.
 */
export async function clickAround(training: TrainingPage): Promise<void> {
  const { page } = training;
  const view = async (name: string): Promise<void> => {
    await training.timed('change view', () =>
      page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name, exact: true }).click(),
    );
    await page.locator('main h1').first().waitFor({ state: 'attached' });
  };
  const key = (kind: string, name: string): Promise<void> =>
    training.timed(kind, () => page.keyboard.press(name));

  for (let group = 0; group < 4; group++) {
    const strip = page.locator('main [data-strip]').nth(4 * group + 1);
    await training.timed('Train: open a rollout of another group', () => strip.click());
    await key('Train: next rollout', 'ArrowRight');
    await key('Train: close the rollout', 'Escape');
  }
  for (let i = 0; i < 3; i++) {
    await key('Train: earlier update', '[');
    const metric = page.getByRole('group', { name: 'More curves' }).getByRole('button').nth(i);
    await training.timed('Train: a metric on', () => metric.click());
    await training.timed('Train: a metric off', () => metric.click());
  }
  const newest = page.getByRole('button', { name: 'Newest' });
  await training.timed('Train: newest update', () => newest.click());

  for (let i = 0; i < 3; i++) {
    await key('open the palette', 'Control+k');
    await page.getByRole('dialog').getByRole('combobox').waitFor();
    for (const letter of 'dark') await key('type in the palette', letter);
    await key('close the palette', 'Escape');
    await key('light or dark', 't');
  }
  await key('light or dark', 't');

  await view('Rollouts');
  const rows = page.locator('[data-row]');
  for (let i = 0; i < 4; i++) {
    await training.timed('Rollouts: open a rollout', () => rows.nth(2 + i).click());
    await key('Rollouts: next rollout', 'j');
    await key('Rollouts: colour the tokens', 'h');
    await key('Rollouts: close', 'Escape');
  }
  const search = page.getByRole('searchbox');
  await search.focus();
  for (const letter of 'head of') await key('Rollouts: search, a letter', letter);
  for (let i = 0; i < 7; i++) await key('Rollouts: search, a letter', 'Backspace');
  const [answer, order] = [page.getByLabel('Answer', { exact: true }), page.getByLabel('Sort by')];
  for (const select of [answer, order]) {
    await select.focus();
    for (const name of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowUp'])
      await key(select === answer ? 'Rollouts: filter' : 'Rollouts: sort', name);
  }

  await view('Behaviours');
  const behaviours = page.getByRole('radio');
  for (const i of [1, 3, 5, 0])
    await training.timed('Behaviours: another behaviour', () => behaviours.nth(i).click());
  for (let i = 0; i < 3; i++) await key('Behaviours: earlier update', '[');

  await view('One update');
  for (const name of ['Reward', 'Advantage', 'Objective']) {
    const phase = page.getByRole('button', { name: new RegExp(name) }).first();
    await training.timed('One update: another phase', () => phase.click());
  }
  for (const name of ['Evaluate', 'Learn', 'Play', 'Train']) await view(name);
}
