import { Project, python } from 'projen';
import { BoundRegistry, registryAddress } from './bound-registry';
import { artifactPaths } from '../../delivery/artifact-paths';
import { Duration } from '../../validation/duration';
import { OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * Options for a package of PyPI or of another index.
 */
export interface PypiOptions {
  /**
   * The name of the package.
   *
   * @default - the name of the project, if it is a Python project; otherwise required
   */
  readonly packageName?: string;

  /**
   * The URL of the simple index. It must be readable without a sign-in, and also serve the dependencies of the package.
   *
   * @default 'https://pypi.org/simple/'
   * @see https://packaging.python.org/en/latest/specifications/simple-repository-api/
   */
  readonly index?: string;

  /**
   * The folder with the files that are published (wheels and source distributions), relative to the project's directory, for example `dist` or
   * `dist/python`. It is the delivery's artifact. The registry must serve each of them with the same sha256.
   *
   * @default - no files are compared: what the index serves counts
   */
  readonly directory?: string;
}

const PYPI: OptionNames<PypiOptions> = { packageName: true, index: true, directory: true };
const PYPI_INDEX = 'https://pypi.org/simple/';
/** @see https://packaging.python.org/en/latest/specifications/name-normalization/ */
const PYPI_NAME = /^(?=.{1,214}$)(?:[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9])$/i;

/** A package of PyPI. */
export function pypiPackage(options: PypiOptions): (project: Project) => BoundRegistry {
  optionsOf('Registry.pypi', options, PYPI, '{ packageName: \'shop\' }');
  const index = indexOf(options.index ?? PYPI_INDEX);
  return (project) => {
    const packageName = pypiName(options.packageName ?? (project instanceof python.PythonProject ? project.name : undefined));
    const [directory] = options.directory === undefined ? [] : artifactPaths([options.directory], 'Registry.pypi directory');
    const { host } = new URL(index);
    return {
      manifest: { ecosystem: 'pypi', packageName, index, ...(directory !== undefined && { directory }) },
      directory,
      commandTimeout: Duration.minutes(15),
      noRollback: index === PYPI_INDEX
        ? `Yank the version on https://pypi.org/manage/project/${packageName}/releases/, so that only those who pin it install it, and release a higher one`
        : `Withdraw the version of ${packageName} on ${host}, and release a higher one`,
    };
  };
}

function pypiName(name: unknown): string {
  const option = 'Registry.pypi packageName';
  if (name === undefined) invalid(option, 'it is missing, and the project is not a Python project', 'Name the package: packageName: \'shop\'');
  if (typeof name === 'string' && PYPI_NAME.test(name)) return name.toLowerCase().replace(/[-_.]+/g, '-');
  invalid(option, `${show(name)} is not the name of a package`, 'Write it as in pip install: \'shop\', without a version');
}

function indexOf(given: unknown): string {
  const option = 'Registry.pypi index';
  const { hostname, href, pathname } = registryAddress(option, given, PYPI_INDEX);
  if (/^(?:test\.)?pypi\.org$/.test(hostname) && pathname !== '/simple/') {
    invalid(option, `${show(given)} is not the simple index`, `Write 'https://${hostname}/simple/'`);
  }
  return href;
}
