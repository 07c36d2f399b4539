import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Action, ActionContext, ActionFailed } from './action';
import { command } from './command';

/** A Python of this machine that can make virtual environments. */
export interface Python {
  /** Absolute path of the interpreter. */
  readonly file: string;
  /** In full, e.g. `3.12.1`. */
  readonly version: string;
}

/**
 * actions/setup-python: the requested version on this machine (pyenv's, or `pythonX.Y`), comes first on PATH. It is a
 * fresh virtual environment, as GitHub's Python is fresh in every job: other jobs do not see what is installed into it.
 */
export const setUpPython: Action = {
  inputs: {
    'python-version': true,
    'cache': false,
    'cache-dependency-path': false,
    'check-latest': false,
    'update-environment': false,
    'allow-prereleases': false,
  },
  async run(context) {
    const wanted = context.input('python-version');
    const python = await findPython(wanted, context.env.PATH);
    if (!python) throw new ActionFailed(`The version '${wanted}' was not found on this machine, among the Pythons that have ensurepip`);
    const folder = join(context.env.RUNNER_TOOL_CACHE, 'Python', python.version);
    await makeEnvironment(context, python, folder);
    context.addPath(join(folder, 'bin'));
    context.setOutput('python-version', python.version);
    context.setOutput('python-path', join(folder, 'bin', 'python'));
    context.log(`Successfully set up CPython (${python.version}) of ${python.file}`);
  },
};

/** Environments that nothing is installed into, by folder. Others are made of them: to unpack and compile pip takes seconds. */
const pristine = new Map<string, Promise<string>>();

/** A fresh virtual environment in `folder`. Where jobs share a temporary folder, what is in all of them is made once there. */
async function makeEnvironment(context: ActionContext, python: Python, folder: string): Promise<void> {
  const { TMPDIR } = context.env;
  if (TMPDIR === undefined) {
    await command(context, context.workspace, python.file, '-m', 'venv', folder);
    return;
  }
  const origin = await makeOnce({ ...context, signal: new AbortController().signal }, python, join(TMPDIR, `python-${process.pid}-${python.version}`));
  await command(context, context.workspace, python.file, '-m', 'venv', '--without-pip', folder);
  // with the times that the compiled files name
  await command(context, origin, 'cp', '--archive', 'lib', folder);
  for (const name of readdirSync(join(origin, 'bin')).filter((one) => one.startsWith('pip'))) {
    const script = readFileSync(join(origin, 'bin', name), 'utf8');
    writeFileSync(join(folder, 'bin', name), script.replace(join(origin, 'bin'), join(folder, 'bin')), { mode: 0o755 });
  }
}

function makeOnce(context: ActionContext, python: Python, folder: string): Promise<string> {
  const made = pristine.get(folder) ?? command(context, context.workspace, python.file, '-m', 'venv', folder).then(() => folder);
  pristine.set(folder, made);
  return made;
}

/**
 * The newest Python that is `wanted`: `3.12`, `3.12.1`, `3.x`; or the one that comes first on the PATH for ''.
 *
 * @param path the folders to look in after pyenv's
 */
export async function findPython(wanted: string, path: string = process.env.PATH ?? ''): Promise<Python | undefined> {
  if (!/^(\d+(\.(\d+|x)){0,2})?$/.test(wanted)) throw new ActionFailed(`the executor understands no range of versions like '${wanted}'`);
  const folders = path.split(':').filter((folder) => folder !== '');
  const names = /^\d+\.\d+/.test(wanted) ? [`python${/^\d+\.\d+/.exec(wanted)![0]}`, 'python3', 'python'] : ['python3', 'python'];
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const file of [...(wanted === '' ? [] : pyenvs(wanted)), ...onPath]) {
    const version = existsSync(file) ? await versionOf(file, path) : undefined;
    if (version !== undefined && fits(version, wanted)) return { file, version };
  }
  return undefined;
}

/** Newest first. What stands on the PATH of pyenv are shims, which only know the versions that were activated. */
function pyenvs(wanted: string): string[] {
  const folder = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const versions = existsSync(folder) ? readdirSync(folder).filter((name) => /^\d+\.\d+\.\d+$/.test(name) && fits(name, wanted)) : [];
  return versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true })).map((version) => join(folder, version, 'bin', 'python3'));
}

function fits(version: string, wanted: string): boolean {
  const parts = version.split('.');
  return wanted === '' || wanted.split('.').every((part, i) => part === 'x' || part === parts[i]);
}

/** Undefined where it does not start, or has no ensurepip: a virtual environment without pip is of no use. */
function versionOf(file: string, path: string): Promise<string | undefined> {
  const program = 'import ensurepip, sys; print("%d.%d.%d" % sys.version_info[:3])';
  return new Promise((resolve) => {
    execFile(file, ['-c', program], { env: { PATH: path, HOME: homedir() }, timeout: 60_000 }, (error, stdout) => resolve(error ? undefined : stdout.trim()));
  });
}
