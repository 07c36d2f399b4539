import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliStandIn } from '../aws-cli-stand-in/cli-stand-in';

/**
 * What goes wrong with a call: `applied...` means that it takes effect all the same; with `other` someone else deploys right after it.
 * `killed`: the process that called dies before, or with `appliedKilled` and `endedKilled` while or after it takes effect.
 */
export type CdkFaultKind =
  | 'throttled' | 'unavailable' | 'denied' | 'expired' | 'signedOut' | 'hangs' | 'appliedHangs' | 'appliedUnavailable' | 'other' | 'killed' | 'appliedKilled' | 'endedKilled';

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

export interface StackOfStandIn {
  readonly status: string;
  readonly template?: unknown;
  readonly updatedAt?: string;
  readonly isProtected?: boolean;
  /** Someone else changes it, and does not end. */
  readonly isForeign?: boolean;
  readonly events: readonly unknown[];
  readonly changeSets?: readonly { readonly name: string; readonly createdAt: string; readonly [field: string]: unknown }[];
}

interface Account {
  readonly account?: string;
  readonly region?: string;
  readonly bootstrap?: number | null;
  readonly objects?: readonly string[];
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
}

const BUCKET = 'cdk-hnb659fds-assets';

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
    for (const name of ['the-stack', 'live']) rmSync(join(this.folder, name), { force: true });
    this.account = { serves: 'shop-api', stacks: {}, ...changes };
  }

  /** The operations that change something. */
  public get changes(): string[] {
    return this.calls.filter((call) => /^(cdk (deploy|prepare)|cancel|continue|rollback|execute|delete)/.test(call));
  }

  /** The release that users reach. */
  public get served(): string | undefined {
    return existsSync(join(this.folder, 'the-stack')) ? readFileSync(join(this.folder, 'the-stack'), 'utf8') : undefined;
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
    writeFileSync(join(this.folder, 'account.json'), JSON.stringify(account));
  }
}

/** Writes the cloud assembly of a release, as `cdk synth` does. */
export function writeAssembly(folder: string, release: string, { asset, environment = 'aws://unknown-account/unknown-region', isProtected = false, reference, resources = {}, schema = 55, ...course }: AssemblyOptions = {}): void {
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
  write('Api.template.json', { Metadata: { release, ...(reference !== undefined && { uses: [reference] }), ...course }, Description: 'ü', Resources: resources });
  write('Api.assets.json', {
    version,
    files: { code: { source: { path: asset ?? 'asset.code', packaging: 'zip' }, destinations: { here: { bucketName: `${BUCKET}-\${AWS::AccountId}`, objectKey: `${release}.zip` } } } },
  });
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
