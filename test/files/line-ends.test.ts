/** A checkout may turn line ends into those of Windows (`core.autocrlf`, `eol=crlf`): whatever we wrote means the same then. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EndOfLine } from 'projen';
import { World } from '../runtime/world';
import { deliver, plainProject, synthesize, temporaryFolder, typescriptProject } from '../test-project';

const OURS = ['.projen/delivery.cjs', '.projen/delivery.json', '.github/workflows/deploy.yml', '.github/workflows/rollback.yml'];

describe('a checkout with the line ends of Windows', () => {
  it('deploys: the runtime is still the one that the manifest names', async () => {
    const world = await World.create('redeploy');
    try {
      for (const name of ['delivery.cjs', 'delivery.json']) withWindowsLineEnds(join(world.root, '.projen', name));
      expect(readFileSync(join(world.root, '.projen/delivery.cjs'), 'utf8')).toContain('\r\n');
      world.commit('as Windows has it');

      const { code, output } = await world.ship('v1.0.0');

      expect(output).not.toContain('is not the one');
      expect(code).toBe(0);
      expect(world.served).toBe('v1.0.0');
    } finally {
      await world.destroy();
    }
  });

  it('is still ours, so that synthesis writes over it, with line ends of its own', () => {
    const outdir = temporaryFolder();
    const synthesis = () => {
      const project = plainProject({}, outdir);
      deliver(project);
      return synthesize(project);
    };
    const written = Object.fromEntries(OURS.map((path) => [path, synthesis().text(path)]));
    for (const path of OURS) withWindowsLineEnds(join(outdir, path));

    const again = synthesis();

    expect(Object.fromEntries(OURS.map((path) => [path, again.text(path)]))).toEqual(written);
  });
});

describe('.gitattributes', () => {
  it('needs no line of ours: projen sets line feeds for the whole repository', () => {
    const project = typescriptProject();
    deliver(project);
    expect(synthesize(project).text('.gitattributes')).toContain('* text=auto eol=lf');
  });

  it('keeps the line ends that the project chose', () => {
    const project = typescriptProject({ gitOptions: { endOfLine: EndOfLine.CRLF } });
    deliver(project);
    expect(synthesize(project).text('.gitattributes')).toContain('* text=auto eol=crlf');
  });
});

function withWindowsLineEnds(path: string): void {
  const text = readFileSync(path, 'utf8').replaceAll('\n', '\r\n');
  writeFileSync(path, text, { mode: 0o644, flag: 'w' });
}
