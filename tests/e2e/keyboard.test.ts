import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { views } from '../../src/app/routing/views.ts';
import { builtSite, saveData, visitIn } from './builtSite.ts';
import { byName, choose, expectFocus, press, tabTo } from './keyboardOnly.ts';

/** Every flow by keyboard alone, on the built page: nothing here clicks, fills or focuses but by a key. */

const site = builtSite();

const minutes = 60_000;
/** Updates of a second each on WebAssembly. */
const live = 'v=1&preset=tiny&grpo.steps=40&evaluation.questions=0&backend=wasm';

const article = (page: Page) => page.getByRole('article', { name: 'Rollout' });
const hasHash = (page: Page, part: string) =>
  page.waitForFunction((wanted) => location.hash.includes(wanted), part);

describe.each([
  { device: 'at 1440 pixels', size: { width: 1440, height: 900 }, isPhone: false },
  { device: 'at 390 pixels', size: { width: 390, height: 844 }, isPhone: true },
])('by keyboard alone $device', { timeout: 6 * minutes }, ({ size, isPhone }) => {
  let context: BrowserContext;
  beforeAll(async () => {
    context = await site.host.browser.newContext({ viewport: size, reducedMotion: 'reduce' });
    context.setDefaultTimeout(2 * minutes);
    await context.addInitScript(saveData);
  });
  afterAll(() => context.close());

  const open = (hash: string) => visitIn(context, site.address + hash);

  it('every view: by the navigation, by its name, and past both to the page', async () => {
    const { page, leave } = await open('#/?v=1');
    await page.keyboard.press('Tab');
    await expectFocus(page, page.getByRole('link', { name: 'To the page' }));
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    for (const { path, label, ...view } of views) {
      const sheeted = isPhone && !('main' in view);
      if (sheeted)
        await press(
          page,
          page
            .getByRole('button', { name: 'More' })
            .or(page.locator('[aria-haspopup=dialog][data-here=true]')),
        );
      const nav = page.getByRole('navigation', { name: sheeted ? 'All views' : 'Views' });
      const link = nav.getByRole('link', {
        name: sheeted ? new RegExp(`^${label}`) : label,
        exact: !sheeted,
      });
      await press(page, link);
      await hasHash(page, `#${path}`);
      await page.locator('main h1').first().waitFor({ state: 'attached' });
      // The focus stays where it was, or comes back to what opened the sheet.
      await expectFocus(page, sheeted ? page.locator('[aria-haspopup=dialog][data-here=true]') : link);
    }
    for (const { path, label } of views) {
      await byName(page, `go to ${label}`);
      await hasHash(page, `#${path}`);
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await leave();
  });

  it('Play: a question is typed, asked, stopped, and asked again', async () => {
    const { page, leave } = await open('#/?v=1&backend=wasm');
    await tabTo(page, page.getByLabel('Question', { exact: true }));
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Who founded the company Calbe?');
    await press(page, page.getByRole('button', { name: 'Ask both' }));
    const stop = page.getByRole('button', { name: 'Stop', exact: true });
    await expectFocus(page, stop);
    await page.keyboard.press('Enter');
    await page
      .getByText(/^Stopped (before its first word|here)\.$/)
      .first()
      .waitFor();
    await expectFocus(page, page.getByRole('button', { name: 'Ask both' }));
    await page.keyboard.press('a');
    for (const name of ['Before', 'After']) {
      await page
        .getByRole('region', { name, exact: true })
        .getByText(/No accepted answer|Breaks the format/)
        .waitFor();
    }
    const before = page.getByRole('region', { name: 'Before', exact: true });
    await tabTo(page, before.locator('[data-token][tabindex="0"]'));
    await page.keyboard.press('ArrowRight');
    await page.getByRole('list', { name: 'Most likely here' }).waitFor();
    await press(page, page.getByRole('button', { name: 'Fork: Before' }));
    await article(page).waitFor();
    await leave();
  });

  it('Train: starts, pauses, one update, one phase to the end of an update, a rollout, stop and undo', async () => {
    const { page, leave } = await open(`#/train?${live}`);
    await press(page, page.getByRole('button', { name: 'Train it here' }));
    const pause = page.getByRole('button', { name: 'Pause', exact: true });
    await expectFocus(page, pause);
    await page.keyboard.press('Enter');
    await page.getByText(/^Paused after update \d/).waitFor();
    const done = Number(
      /\d+/.exec((await page.getByText(/^Paused after update \d/).textContent()) ?? '')?.[0],
    );
    await press(page, page.getByRole('button', { name: /^One update/ }));
    await page.getByText(`Paused after update ${done + 1} of 40.`).waitFor();

    await tabTo(page, page.getByRole('button', { name: /^Rollout 1:/ }));
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Rollout' });
    await panel.getByText('rollout 1 of').waitFor();
    await page.keyboard.press('ArrowRight');
    await panel.getByText('rollout 2 of').waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await expectFocus(page, page.locator('[data-strip]:focus'));

    await press(page, page.getByRole('button', { name: 'One phase' }), 'Enter');
    await page.getByText('is held after: rollouts').waitFor();
    for (const phase of ['Reward', 'Advantage', 'Objective', 'Gradient', 'Update', 'What moved']) {
      await page.locator('button:enabled', { hasText: 'Next phase' }).waitFor();
      await page.keyboard.press('n');
      await page.locator('[aria-current="step"]').filter({ hasText: phase }).waitFor();
      await page.getByText('Being computed…').waitFor({ state: 'hidden' });
      if (phase === 'Reward') {
        await press(page, page.locator('main summary').first());
        await page.locator('main details[open]').first().waitFor();
      }
      if (phase === 'Advantage') {
        await choose(page, { of: page.getByLabel('Variant', { exact: true }), name: 'Dr. GRPO' });
        await page.getByText('the update itself was GRPO’s').waitFor();
        await tabTo(page, page.getByRole('group', { name: 'Group' }).getByRole('button').last(), 'Shift+Tab');
        await page.keyboard.press('Enter');
      }
      if (phase === 'Objective') {
        await tabTo(page, page.locator('main [data-token][tabindex="0"]').first());
        await page.keyboard.press('ArrowRight');
        await page
          .getByRole('complementary', { name: 'One token’s objective' })
          .getByText('J = min(')
          .first()
          .waitFor();
      }
    }
    await page.keyboard.press('b');
    await hasHash(page, 'phase=update');

    await byName(page, 'go to train');
    await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
    await page.keyboard.press('x');
    const undo = page.getByRole('button', { name: 'Undo' });
    await undo.waitFor();
    await page.keyboard.press('z');
    await page.getByText(`Paused after update ${done + 2} of 40.`).waitFor();
    await leave();
  });

  it('Rollouts: filtered, moved through, read, coloured, compared, and forked at a token', async () => {
    const { page, leave } = await open('#/rollouts?v=1&backend=wasm');
    await page.locator('[data-row]').first().waitFor();
    const filters = page.locator('summary', { hasText: 'Filters' });
    await tabTo(page, filters);
    if (isPhone) await page.keyboard.press('Enter');
    await tabTo(page, page.getByLabel('Answer', { exact: true }));
    await page.keyboard.type('right');
    await hasHash(page, 'answer=right');
    await tabTo(page, page.locator('[data-row][tabindex="0"]'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await expectFocus(page, page.locator('[data-row][tabindex="0"]'));
    await page.keyboard.press('Enter');
    await article(page).waitFor();

    await choose(page, {
      of: article(page).getByLabel('Colour of the tokens', { exact: true }),
      name: 'entropy',
    });
    await page.getByRole('list', { name: 'Scale of entropy' }).waitFor();
    await page.keyboard.press('c');
    await page.getByText(/They part at|Both wrote the same/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText(/They part at|Both wrote the same/).waitFor({ state: 'detached' });

    await tabTo(page, article(page).locator('[data-token][tabindex="0"]'));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const token = page.getByRole('region', { name: 'Token', exact: true });
    await press(page, token.getByRole('button', { name: 'What else could stand here?' }));
    const other = token.getByRole('button', { name: /^Take (?!.*as the rollout did)/ }).first();
    await press(page, other);
    await page.getByText('continued live by the shipped trained policy').waitFor();
    await page.getByRole('button', { name: 'Again with other dice' }).waitFor();
    for (const name of ['fork', 'token', 'rollout']) {
      expect(await article(page).count(), name).toBe(1);
      await page.keyboard.press('Escape');
    }
    await article(page).waitFor({ state: 'detached' });
    await expectFocus(page, page.locator('[data-row][tabindex="0"]'));
    await leave();
  });

  it('Behaviours: one is taken, a point of its curve, and the rollouts of that update', async () => {
    const { page, leave } = await open('#/behaviours?v=1');
    await choose(page, { of: page.getByLabel('Behaviour', { exact: true }), name: /^Redundant search/ });
    await hasHash(page, 'behaviour=redundant-search');
    await tabTo(page, page.getByRole('slider', { name: 'Update shown' }));
    await page.keyboard.press('ArrowLeft');
    await page.getByText(/kept of update 36/).waitFor();
    const row = page.getByRole('region', { name: /it/ }).getByRole('listitem').getByRole('button');
    await press(page, row);
    await article(page).waitFor();
    await page.keyboard.press('Escape');
    await article(page).waitFor({ state: 'detached' });
    await press(page, page.getByRole('button', { name: /in Rollouts, token by token/ }), 'Enter');
    await hasHash(page, '#/rollouts');
    await page.locator('[data-row]').first().waitFor();
    await leave();
  });

  it('Corpus: a search, a passage that it brings, and its nearest neighbours', async () => {
    const { page, leave } = await open('#/corpus?v=1&backend=wasm');
    await page.getByRole('application', { name: /Map of the passages/ }).waitFor();
    await page.keyboard.press('/');
    await expectFocus(page, page.getByLabel('Search as the policy does'));
    await page.keyboard.type('capital of the country');
    await page.keyboard.press('Enter');
    const hits = page.getByRole('region', { name: 'Search', exact: true }).getByRole('listitem');
    await press(page, hits.getByRole('button'));
    const card = page.getByRole('region', { name: 'Passage', exact: true });
    const near = card.getByRole('listitem').getByRole('button').first();
    const name = await near.textContent();
    await press(page, near);
    await page.waitForFunction(
      (was) => document.querySelector('[aria-label="Passage"] li button')?.textContent !== was,
      name,
    );
    await tabTo(page, page.getByRole('application', { name: /Map of the passages/ }), 'Shift+Tab');
    for (const key of ['+', 'ArrowLeft', '0']) await page.keyboard.press(key);
    await leave();
  });

  it('Learn: a prediction is answered, and a slider tries what it says', async () => {
    const { page, leave } = await open('#/learn?v=1');
    const groups = page.getByRole('region', { name: /Groups and advantages/ });
    await tabTo(page, groups.getByRole('radio'));
    await page.keyboard.press('Space');
    await groups.getByText(/s you guessed/).waitFor();
    await page.keyboard.press('ArrowDown');
    await tabTo(page, groups.getByLabel('Reward 3'));
    const was = await groups.getByLabel('Reward 3').inputValue();
    await page.keyboard.press('ArrowLeft');
    expect(await groups.getByLabel('Reward 3').inputValue()).not.toBe(was);
    await leave();
  });

  it('Evaluate: the table is run and stopped, and a cell and a rollout of it are read', async () => {
    const { page, leave } = await open('#/evaluate?v=1&backend=wasm&questions=200&table-world=countries');
    await press(page, page.getByRole('button', { name: 'Run the table here' }));
    const cell = page.getByRole('region', { name: 'Table, methods by sets' }).getByRole('button').first();
    await cell.waitFor();
    await page.keyboard.press('x');
    await page.getByText(/^Stopped after [1-5] of 6 cells/).waitFor();
    await press(page, cell);
    const panel = page.getByRole('complementary', { name: 'Rollouts of the cell' });
    await press(page, panel.getByRole('list', { name: 'Rollouts' }).getByRole('button'));
    await panel.getByRole('list', { name: 'What it did' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await leave();
  });

  it('the recipe, undo, hidden parts, and the keys', async () => {
    const { page, leave } = await open('#/train?v=1&seed=7');
    const opener = page.getByRole('button', { name: /^Recipe/ });
    await press(page, opener);
    const recipe = page.getByRole('dialog', { name: 'Recipe' });
    await choose(page, { of: recipe.getByLabel('Backend', { exact: true }), name: 'WebAssembly' });
    await tabTo(page, recipe.getByLabel(/^Updates/));
    await page.keyboard.press('Control+a');
    await page.keyboard.type('9');
    await hasHash(page, 'grpo.steps=9');
    await tabTo(page, recipe.getByLabel(/^Variant/));
    await page.keyboard.type('DAPO');
    await hasHash(page, 'grpo.variant=dapo');
    await page.keyboard.press('Escape');
    await recipe.waitFor({ state: 'detached' });
    await expectFocus(page, opener);

    await byName(page, 'recipe tiny');
    await page.getByText('The recipe is the preset “tiny” again.').waitFor();
    await page.keyboard.press('Control+z');
    await hasHash(page, 'grpo.steps=9');

    await byName(page, 'hide parts');
    const hide = page.getByRole('dialog', { name: 'Show and hide' });
    await press(page, hide.getByLabel('The view Corpus'), 'Space');
    await hasHash(page, 'hide=corpus');
    await page.keyboard.press('Escape');
    await hide.waitFor({ state: 'detached' });
    await byName(page, 'hide parts');
    await press(page, hide.getByRole('button', { name: 'Show all' }));
    await press(page, hide.getByRole('button', { name: 'Done' }));
    await hide.waitFor({ state: 'detached' });
    // Through the palette and the dialog that it opened.
    await expectFocus(page, opener);

    await page.keyboard.press('?');
    const keys = page.getByRole('dialog', { name: 'Keys' });
    await press(page, keys.getByLabel('Single-letter keys work'), 'Space');
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'detached' });
    await page.keyboard.press('1');
    expect(await page.evaluate(() => location.hash)).toContain('#/train');
    await leave();
  });
});
