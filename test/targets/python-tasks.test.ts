import { Project, python } from 'projen';
import { Target } from '../../src';
import { CommandManifest, Manifest, TargetCommandManifest } from '../../src/contract/manifest';
import { deliver, pythonProject, synthesize, temporaryFolder, withTasks } from '../test-project';

interface Commands {
  readonly deploy: TargetCommandManifest;
  readonly warmUp?: CommandManifest;
  readonly make?: string;
}

/** The deploy command of a Python project, what is fetched before, and what builds the artifact. */
function commands(options: Partial<python.PythonProjectOptions> = {}): Commands {
  const project = withTasks(new python.PythonProject({
    name: 'service', moduleName: 'service', authorName: 'a', authorEmail: 'a@example.com', version: '0.1.0', outdir: temporaryFolder(), ...options,
  }));
  deliver(project, { target: Target.tasks({ deploy: 'ship' }), artifact: { paths: ['dist'], buildTask: 'build' } });
  const result = synthesize(project);
  const { deploy, warmUp } = result.manifest.environments[0].target;
  return { deploy, warmUp, make: result.deploy.jobs.build.steps?.map(({ run }) => run).find((run) => run?.endsWith(' build')) };
}

const without = { pip: false, venv: false, setuptools: false };

describe('a task of a Python project', () => {
  it.each<[string, Partial<python.PythonProjectOptions>, string]>([
    ['pip and venv', {}, '.env/bin/projen'],
    ['a folder of its own', { venvOptions: { envdir: 'venv' } }, 'venv/bin/projen'],
    ['uv', { ...without, uv: true }, '.venv/bin/projen'],
    ['Poetry', { ...without, poetry: true }, 'poetry run projen'],
  ])('is run by the projen that is installed in its environment: %s', (_title, options, projen) => {
    expect(commands(options)).toEqual({ deploy: { kind: 'exec', argv: [...projen.split(' '), 'ship'] }, warmUp: undefined, make: `${projen} build` });
  });

  it('is run by bash where the folder has a space', () => {
    expect(commands({ venvOptions: { envdir: 'my env' } }).deploy).toEqual({ kind: 'bash', line: '\'my env\'/bin/projen ship' });
  });

  it.each<[string, Partial<python.PythonProjectOptions>, RegExp]>([
    ['that is not defined in Python, and has no projen installed', { projenrcPython: false }, /^npx projen@[\d.]+ ship$/],
    ['that says how projen is run', { projenCommand: 'pdm run projen' }, /^pdm run projen ship$/],
  ])('is run as before in a project %s', (_title, options, line) => {
    const { deploy } = commands(options);
    expect(deploy.kind === 'exec' && deploy.argv.join(' ')).toMatch(line);
  });

  it('is run in the subproject\'s own environment', () => {
    const root = pythonProject();
    const api = withTasks(new python.PythonProject({ parent: root as Project, outdir: 'api', name: 'api', moduleName: 'api', authorName: 'a', authorEmail: 'a@example.com', version: '0.1.0', devDeps: ['projen'] }));
    deliver(api, { target: Target.tasks({ deploy: 'ship' }) });
    const manifest = JSON.parse(synthesize(root).text('.projen/delivery-api.json')) as Manifest;
    expect(manifest.environments[0].target.deploy).toEqual({ kind: 'exec', argv: ['.env/bin/projen', 'ship'] });
  });
});
