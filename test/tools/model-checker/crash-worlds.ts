import { Worlds } from '../../../tools/model-checker/crashes/every-point';

/** The worlds of a file of tests, which are gone after it. Prints then what its tests wrote down: how often each story was cut off. */
export function crashWorlds(what = 'crash points'): { readonly worlds: Worlds; readonly explored: string[] } {
  const worlds = new Worlds();
  const explored: string[] = [];

  afterAll(async () => {
    await worlds.destroy();
    process.stdout.write(`${what}:\n${explored.join('\n')}\n  the next command met ${worlds.met} different states\n`);
  });
  return { worlds, explored };
}
