import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, Desk, main } from './terminal.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk.remove());

describe('the command line refuses', () => {
  it('an unknown command, listing the known ones', async () => {
    const message = await desk.refusedBy(cli, 'trian', '--steps', '1');
    for (const command of ['train', 'evaluate', 'rollout', 'pretrain', 'export']) {
      expect(message).toMatch(new RegExp(`^${command}: `, 'm'));
    }
  });

  it('an unknown option, by name', async () => {
    expect(await desk.refused('train', '--step', '1')).toMatch(/^train: .*'--step'/);
  });

  it('a backend that there is not, with those that there are', async () => {
    expect(await desk.refused('train', '--backend', 'cuda')).toBe(
      'train: --backend cuda: choose wasm or webgpu\n',
    );
  });

  it('a retriever that there is not, with those that there are', async () => {
    expect(await desk.refused('train', '--model', desk.model, '--retriever', 'google')).toMatch(
      /^train: --retriever google: choose dense or lexical$/m,
    );
  });
});

describe('the command line', () => {
  it('explains a command on --help', async () => {
    const { code, stdout, stderr } = await main('train', '--help');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/--world-seed W .*evaluation world/);
  });
});
