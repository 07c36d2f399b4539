/** Who takes the component out again and synthesizes has the project he would have had without it: not a file, line or task is left. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Project } from 'projen';
import { Lock, Strategy } from '../../src';
import { deliver, environment, plainProject, pythonProject, synthesize, temporaryFolder, typescriptProject } from '../test-project';

const TYPES: Record<string, (outdir: string) => Project> = {
  TypeScriptAppProject: (outdir) => typescriptProject({ outdir, prettier: true }),
  PythonProject: (outdir) => pythonProject(outdir),
  Project: (outdir) => plainProject({}, outdir),
};

describe.each(Object.entries(TYPES))('%s', (_, make) => {
  it('has no trace of the component once it is removed', () => {
    const never = temporaryFolder();
    synthesize(make(never));
    const removed = temporaryFolder();
    synthesize(withEverything(make(removed)));
    expect(Object.keys(contentOf(removed))).toEqual(expect.arrayContaining([
      '.github/workflows/deploy.yml', '.github/workflows/drill.yml', '.github/workflows/rollback.yml', '.projen/delivery.cjs', '.projen/delivery.json',
    ]));

    synthesize(make(removed));

    expect(contentOf(removed)).toEqual(contentOf(never));
  });
});

function withEverything(project: Project): Project {
  deliver(project, {
    artifact: { paths: ['dist'] },
    drill: { environments: ['staging'] },
    lock: Lock.gitRef(),
    environments: [environment('staging', { strategy: Strategy.blueGreen() })],
  });
  return project;
}

/** Every file that there is, by its path. */
function contentOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}
