import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliStandIn } from '../aws-cli-stand-in/cli-stand-in';

/**
 * What goes wrong with a call: `applied...` means that it takes effect all the same; with `other` someone else deploys right after it.
 * `killed`: the process that called dies before, or with `appliedKilled` and `endedKilled` while or after it takes effect.
 */
export type CdkFaultKind =
  | 'throttled' | 'unavailable' | 'unreachable' | 'full' | 'denied' | 'expired' | 'signedOut' | 'conflict' | 'hangs' | 'appliedHangs' | 'appliedUnavailable' | 'other' | 'killed' | 'appliedKilled' | 'endedKilled'
  /** `cdk deploy` begins when the test lets it go on. */
  | 'waits';

export interface CdkFault {
  /** An operation, for example `describe-stacks` or `cdk deploy`. */
  readonly on: string;
  /** From which call on. */
  readonly nth: number;
  /** @default 1 */
  readonly times?: number;
  readonly how: CdkFaultKind;
}

/** What CloudFormation makes of a template. `sticks`: its rollback fails `locked` times. `staysFailed`: someone switched rollbacks off. */
export interface Course {
  readonly how?: 'fails' | 'sticks' | 'staysFailed';
  readonly locked?: number;
  /** So often it is seen in progress. */
  readonly looks?: number;
}

/** An update that is in progress until someone cancels it. */
export const UNTIL_CANCELLED = Number.MAX_SAFE_INTEGER;

export interface StackOfStandIn {
  readonly status: string;
  readonly template?: unknown;
  /** As in CloudFormation, an update without values keeps them. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What the last detection of drift found, and what the next one will find. */
  readonly drift?: { readonly result: string; readonly checkedAt: string; readonly isInProgress?: boolean };
  readonly drifted?: readonly DriftOfStandIn[];
  /** The role does not read all resources. */
  readonly cannotCheck?: boolean;
  /** The ARNs of versions by their ids in the template. */
  readonly resources?: Readonly<Record<string, string>>;
  readonly updatedAt?: string;
  readonly isProtected?: boolean;
  /** Someone else changes it, and does not end. */
  readonly isForeign?: boolean;
  readonly events: readonly unknown[];
  readonly changeSets?: readonly { readonly name: string; readonly createdAt: string; readonly [field: string]: unknown }[];
}

export interface AliasOfStandIn {
  readonly version: string;
  readonly revisionId: string;
  readonly weights: Readonly<Record<string, number>>;
}

export interface DriftOfStandIn {
  readonly LogicalResourceId: string;
  readonly ResourceType: string;
  readonly StackResourceDriftStatus: 'MODIFIED' | 'DELETED';
  readonly PropertyDifferences?: readonly { readonly PropertyPath: string }[];
}

/** Versions hold releases, by number. */
export interface FunctionOfStandIn {
  readonly versions: Readonly<Record<string, string>>;
  readonly aliases: Readonly<Record<string, AliasOfStandIn>>;
}

interface Account {
  readonly account?: string;
  readonly region?: string;
  readonly bootstrap?: number | null;
  /** Assets that are published: `bucket/key`, and `repository:tag`. */
  readonly functions?: Readonly<Record<string, FunctionOfStandIn>>;
  readonly objects?: readonly string[];
  readonly images?: readonly string[];
  /** @default true */
  readonly hasDocker?: boolean;
  /** The stack whose template says which release users reach. */
  readonly serves: string;
  readonly stacks: Readonly<Record<string, StackOfStandIn>>;
}

export interface AssemblyOptions extends Course {
  /** @default 55 */
  readonly schema?: number;
  /** The account and region that the stacks name. @default - they name none */
  readonly environment?: string;
  /** An export of `shop-data` that `shop-api` uses. @default - none */
  readonly reference?: string;
  /** The resources of `shop-api`; `Metadata.replacement` says what a change set says about them. @default - none */
  readonly resources?: Readonly<Record<string, unknown>>;
  /** Whether `shop-api` has termination protection. @default false */
  readonly isProtected?: boolean;
  /** Where the asset of the stack is. @default - in the assembly */
  readonly asset?: string;
  /** An alias `live` of a function, and who keeps its versions or moves it, too. `generated`: CloudFormation makes the function's name. @default - none */
  readonly alias?: 'retained' | 'generated' | 'deleted' | 'shifted' | 'latest';
  /** Whether the stack has a container image, too. @default false */
  readonly hasImage?: boolean;
}

const BUCKET = 'cdk-hnb659fds-assets';
const REPOSITORY = 'cdk-hnb659fds-container-assets';

/**
 * An AWS account in a folder, which the executables `aws` and `cdk` beside this file serve. Its apps have the stacks `shop-data` and `shop-api`,
 * which depends on it, and `Staging/Api` in a stage.
 */
export class CdkStandIn extends CliStandIn<CdkFault> {
  constructor(folder: string) {
    super(folder, { folder: __dirname, variable: 'CDK_STAND_IN' });
    this.reset();
  }

  /** An account without stacks. */
  public reset(changes: Partial<Account> = {}): void {
    this.forget();
    for (const name of ['the-stack', 'live', 'go']) rmSync(join(this.folder, name), { force: true });
    this.account = { serves: 'shop-api', stacks: {}, ...changes };
  }

  public fails(...faults: readonly CdkFault[]): void {
    rmSync(join(this.folder, 'go'), { force: true });
    super.fails(...faults);
  }

  /** Lets a call go on that waits. */
  public goOn(): void {
    this.write('go', '');
  }

  /** The operations that change something. */
  public get changes(): string[] {
    return this.calls.filter((call) => /^(cdk (deploy|prepare|publish)|cancel|continue|rollback|execute|delete|update-alias)/.test(call));
  }

  /** The release that users reach. */
  public get served(): string | undefined {
    return existsSync(join(this.folder, 'the-stack')) ? readFileSync(join(this.folder, 'the-stack'), 'utf8') : undefined;
  }

  /** The version that the alias `live` points at. */
  public get aliasVersion(): string | undefined {
    return Object.values(this.account.functions ?? {})[0]?.aliases.live?.version;
  }

  /** The version where the stack `shop-api` has the alias. */
  public get stackVersion(): string | undefined {
    const { resources = {}, template } = this.account.stacks['shop-api']!;
    const { release } = (template as { readonly Metadata: { readonly release: string } }).Metadata;
    return resources[`Version${release}`]?.split(':').at(-1);
  }

  /** Moves the alias `live` without the delivery; undefined deletes it. */
  public moveAlias(version: string | undefined, weights: Readonly<Record<string, number>> = {}): void {
    const account = this.account;
    const [[name, found]] = Object.entries(account.functions!) as [[string, FunctionOfStandIn]];
    const aliases: FunctionOfStandIn['aliases'] = version === undefined ? {} : { live: { version, weights, revisionId: `revision-${Date.now()}` } };
    this.account = { ...account, functions: { [name]: { ...found, aliases } } };
    if (version !== undefined) this.write('the-stack', found.versions[version]!);
  }

  public status(stack: string): string | undefined {
    return this.account.stacks[stack]?.status;
  }

  /** Changes a stack without the delivery. */
  public byHand(stack: string, changes: Partial<StackOfStandIn>): void {
    const { stacks, ...account } = this.account;
    this.account = { ...account, stacks: { ...stacks, [stack]: { ...stacks[stack] ?? { events: [], status: 'UPDATE_COMPLETE' }, ...changes } } };
  }

  public get account(): Account {
    return JSON.parse(readFileSync(join(this.folder, 'account.json'), 'utf8')) as Account;
  }

  public set account(account: Account) {
    this.write('account.json', JSON.stringify(account));
  }
}

/** As the CDK writes `fn.addAlias('live')`: the id of `fn.currentVersion` ends with a digest of the function. */
function functionOf(release: string, alias: AssemblyOptions['alias']): { readonly Resources: object; readonly Outputs?: object } {
  if (alias === undefined) return { Resources: {} };
  const version = `Version${release}`;
  return {
    Resources: {
      Fn: { Type: 'AWS::Lambda::Function', Properties: { ...(alias !== 'generated' && { FunctionName: 'shop' }) } },
      [version]: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' } }, ...(alias !== 'deleted' && { DeletionPolicy: 'Retain' }) },
      Live: {
        Type: 'AWS::Lambda::Alias',
        Properties: { Name: 'live', FunctionName: { Ref: 'Fn' }, FunctionVersion: alias === 'latest' ? '$LATEST' : { 'Fn::GetAtt': [version, 'Version'] } },
        ...(alias === 'shifted' && { UpdatePolicy: { CodeDeployLambdaAliasUpdate: {} } }),
      },
    },
    Outputs: { Function: { Value: { Ref: 'Fn' } } },
  };
}

/** Writes the cloud assembly of a release, as `cdk synth` does. */
export function writeAssembly(folder: string, release: string, {
  alias, asset, environment = 'aws://unknown-account/unknown-region', hasImage = false, isProtected = false, reference, resources = {}, schema = 55, ...course
}: AssemblyOptions = {}): void {
  rmSync(folder, { recursive: true, force: true });
  const write = (file: string, value: unknown) => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), JSON.stringify(value));
  };
  const version = `${schema}.0.0`;
  const stack = (file: string, displayName: string, stackName: string, dependencies: string[]) => ({
    type: 'aws:cloudformation:stack',
    environment,
    displayName,
    dependencies,
    properties: { ...(isProtected && stackName === 'shop-api' && { terminationProtection: true }), templateFile: file, stackName, requiresBootstrapStackVersion: 6, bootstrapStackVersionSsmParameter: '/cdk-bootstrap/hnb659fds/version' },
  });
  write('Data.template.json', { ...(reference !== undefined && { Metadata: { exports: [reference] } }), Resources: { Table: { Type: 'AWS::SSM::Parameter' } } });
  const own = functionOf(release, alias);
  write('Api.template.json', {
    Metadata: { release, ...(reference !== undefined && { uses: [reference] }), ...course },
    Description: 'ü',
    ...own,
    Resources: { ...own.Resources, ...resources },
  });
  write('Api.assets.json', {
    version,
    files: { code: { source: { path: asset ?? 'asset.code', packaging: 'zip' }, destinations: { here: { bucketName: `${BUCKET}-\${AWS::AccountId}`, objectKey: `${release}.zip` } } } },
    ...(hasImage && { dockerImages: { web: { source: { directory: 'asset.web' }, destinations: { here: { repositoryName: REPOSITORY, imageTag: release } } } } }),
  });
  if (hasImage) write('asset.web/Dockerfile', release);
  write('asset.code/index.json', release);
  write('manifest.json', {
    version,
    artifacts: {
      'assembly-Staging': { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Staging', displayName: 'Staging' } },
      'Api.assets': { type: 'cdk:asset-manifest', properties: { file: 'Api.assets.json' } },
      'Api': stack('Api.template.json', 'Api', 'shop-api', ['Data', 'Api.assets']),
      'Data': stack('Data.template.json', 'Data', 'shop-data', []),
    },
  });
  write('assembly-Staging/manifest.json', { version, artifacts: { StagingApi: stack('StagingApi.template.json', 'Staging/Api', 'Staging-Api', []) } });
  write('assembly-Staging/StagingApi.template.json', { Resources: {} });
}
