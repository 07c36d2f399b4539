import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { github, python } from 'projen';
import { pinned } from '../pins';
import { fileIn, runIn, TOOL_VERSIONS, Toolchain } from './toolchain';
import { virtualEnvironment } from '../../../targets/commands';

type Step = github.workflows.JobStep;

/** Read by pyenv, uv and GitHub's action. */
const VERSION_FILE = '.python-version';
const PYPROJECT = 'pyproject.toml';

/**
 * Sets up Python and the virtual environment that is first in the PATH of projen's tasks. Poetry and uv install from their lock files.
 */
export function pythonToolchain(project: python.PythonProject, directory: string): Toolchain {
  const { depsManager } = project;
  const lines = depsManager instanceof python.Poetry ? poetry() : depsManager instanceof python.Uv ? uv() : pip(virtualEnvironment(project));
  return {
    steps: [
      { name: 'set up Python', uses: pinned('actions/setup-python'), with: version(project, directory) },
      ...lines.map(([name, run]): Step => ({ name, run, ...runIn(directory) })),
    ],
    warnings: [],
  };
}

type Line = [name: string, run: string];

function pip(folder: string): Line[] {
  return [
    ['make the virtual environment', `python -m venv ${folder}`],
    ['install the dependencies', `${folder}/bin/python -m pip install --requirement requirements.txt --requirement requirements-dev.txt`],
  ];
}

function poetry(): Line[] {
  return [
    ['install Poetry', `python -m pip install poetry==${TOOL_VERSIONS.poetry}`],
    ['install the dependencies', 'poetry check --lock\npoetry install --no-interaction'],
  ];
}

function uv(): Line[] {
  return [
    ['install uv', `python -m pip install uv==${TOOL_VERSIONS.uv}`],
    ['install the dependencies', 'uv sync --locked --no-python-downloads'],
  ];
}

/** The project's version: from `.python-version`, or from `pyproject.toml`. */
function version(project: python.PythonProject, directory: string): Record<string, string> {
  if (has(project, VERSION_FILE)) return { 'python-version-file': fileIn(directory, VERSION_FILE) };
  if (has(project, PYPROJECT)) return { 'python-version-file': fileIn(directory, PYPROJECT) };
  return { 'python-version': TOOL_VERSIONS.python };
}

/** Returns whether projen writes the file, or it exists. */
function has(project: python.PythonProject, file: string): boolean {
  return project.tryFindFile(file) !== undefined || (file === VERSION_FILE && existsSync(join(project.outdir, file)));
}
