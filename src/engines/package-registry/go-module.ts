import { cdk, Project } from 'projen';
import { BoundRegistry, registryAddress } from './bound-registry';
import { Duration } from '../../validation/duration';
import { listOf, OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * Options for a module of Go.
 */
export interface GoModuleOptions {
  /**
   * The path of the module as in its `go.mod`, with the major version from v2 on: `github.com/acme/shop/v2`.
   *
   * @see https://go.dev/ref/mod#module-path
   */
  readonly module: string;

  /**
   * The URL of the module proxy. It must be readable without a sign-in, and also serve the dependencies of the module.
   *
   * @default 'https://proxy.golang.org/'
   * @see https://go.dev/ref/mod#module-proxy
   */
  readonly proxy?: string;

  /**
   * The modules that the checksum database does not know, as patterns like those of `GONOSUMDB`: `example.com/acme/*`. Requires `proxy`.
   *
   * @default - none: go compares each module with the checksum database
   * @see https://go.dev/ref/mod#environment-variables
   */
  readonly privateModules?: string[];

  /**
   * Whether the source of the module is this repository. Then the proxy must serve the release's commit, where it says which commit it serves.
   *
   * @default - true, unless the project is a jsii project, which publishes its module to another repository
   */
  readonly fromThisRepository?: boolean;
}

const OPTIONS: OptionNames<GoModuleOptions> = { module: true, proxy: true, privateModules: true, fromThisRepository: 'boolean' };
const PROXY = 'https://proxy.golang.org/';

/** A module of Go. A proxy may take half an hour to notice a version that was requested too early. */
export function goModule(options: GoModuleOptions): (project: Project) => BoundRegistry {
  optionsOf('Registry.go', options, OPTIONS, '{ module: \'github.com/acme/shop\' }');
  const packageName = moduleOf(options.module);
  const index = registryAddress('Registry.go proxy', options.proxy ?? PROXY, PROXY).href;
  const privateModules = privateModulesOf(options.privateModules, index);
  return (project) => ({
    manifest: {
      ecosystem: 'go', packageName, index, ...(privateModules.length > 0 && { privateModules }), fromThisRepository: options.fromThisRepository ?? !(project instanceof cdk.JsiiProject),
    },
    noRollback: `Release a higher version whose go.mod retracts this one (retract v1.2.3 // why), so that go get skips it: ${new URL(index).host} serves ${packageName} as it is for good`,
    commandTimeout: Duration.minutes(45),
  });
}

/** @see https://go.dev/ref/mod#go-mod-file-ident */
function moduleOf(module: unknown): string {
  const option = 'Registry.go module';
  if (module === undefined) invalid(option, 'it is missing', 'Write the module path of go.mod: module: \'github.com/acme/shop\'');
  const isPath = typeof module === 'string' && /^[a-z0-9.-]+\.[a-z0-9-]+(?:\/[\w~-][\w.~-]*)*$/i.test(module) && !/[./-]$|\/\.|\.\.|^-/.test(module);
  if (!isPath) invalid(option, `${show(module)} is not the path of a module`, 'Write it as in go.mod, without https:// and without a version: \'github.com/acme/shop\'');
  if (/\/v[01]$/.test(module)) invalid(option, `${show(module)} ends with a major version below 2`, `Write '${module.replace(/\/v[01]$/, '')}'`);
  return module;
}

function privateModulesOf(given: string[] | undefined, index: string): string[] {
  const option = 'Registry.go privateModules';
  if (given === undefined) return [];
  const patterns = listOf(option, given, '\'example.com/acme/*\'');
  for (const pattern of patterns) {
    if (typeof pattern !== 'string' || !/^[\w.~/*?[\]-]+$/.test(pattern)) invalid(option, `${show(pattern)} is not a pattern of modules`, 'Write it as in GONOSUMDB: \'example.com/acme/*\'');
  }
  if (patterns.length > 0 && index === PROXY) invalid(option, 'proxy.golang.org serves no private modules', 'Set proxy to the proxy that serves them, or remove privateModules');
  return patterns;
}
