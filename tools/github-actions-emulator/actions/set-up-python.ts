import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Action, ActionFailed } from './action';
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
    await command(context, context.workspace, python.file, '-m', 'venv', folder);
    context.addPath(join(folder, 'bin'));
    context.setOutput('python-version', python.version);
    context.setOutput('python-path', join(folder, 'bin', 'python'));
    context.log(`Successfully set up CPython (${python.version}) of ${python.file}`);
  },
};

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
