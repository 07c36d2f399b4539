import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { AwsCdkWorld } from './aws-cdk-world';
import { AwsCdkDriverManifest } from '../../../src/engines/aws-cdk/manifest';
import { AssemblyOptions } from '../../../tools/aws-cdk-stand-in/stand-in';
import { Behaviour, Ended, OnLine, Step } from '../../runtime/world';

/** A run of CI that delivers a release. */
export interface ReviewRun {
  readonly id: number;
  readonly tag: string;
  readonly digest: string;
}

/** The jobs of a target whose change sets are reviewed, as steps of runs of CI: plan, deploy, monitor. */
export class ReviewWorld {
  public static async create(settings: Partial<AwsCdkDriverManifest> = {}): Promise<ReviewWorld> {
    return new ReviewWorld(await AwsCdkWorld.create({ changeSet: 'review', ...settings }));
  }

  private constructor(public readonly cdk: AwsCdkWorld) {}

  public get aws() {
    return this.cdk.aws;
  }

  /** The job that builds: a new commit, its cloud assembly, and the files that later jobs fetch. */
  public build(tag: string, behaviour: Behaviour = 'good', options: AssemblyOptions = {}): ReviewRun {
    const { world } = this.cdk;
    this.cdk.build(tag, behaviour, options);
    const folder = join(world.root, '.git/delivery/artifacts');
    mkdirSync(folder, { recursive: true });
    const packed = join(folder, 'packed');
    execFileSync('tar', ['-c', '-f', packed, '-C', world.root, 'machine/cdk.out']);
    const digest = createHash('sha256').update(readFileSync(packed)).digest('hex');
    renameSync(packed, join(folder, `${digest}.tar`));
    return { id: world.newRun(), tag, digest };
  }

  /** The job `environment_production`. */
  public plan(run: ReviewRun, attempt = 1, onLine?: OnLine, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return this.step(run, ['plan', 'production'], { attempt, onLine, env });
  }

  /** The job `deploy_production`, which is approved. It gets the outputs of the plan, of whichever attempt that was. */
  public deploy(run: ReviewRun, planned: Ended, attempt = 1, onLine?: OnLine): Promise<Ended> {
    const { review = '' } = planned.outputs;
    return this.step(run, ['deploy', 'production'], { attempt, onLine, env: { DELIVERY_REVIEW: review } });
  }

  /** The job `monitor_production`, after a deployment. */
  public monitor(run: ReviewRun): Promise<Ended> {
    return this.step(run, ['monitor', 'production'], { env: { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'confirming' } });
  }

  /** The job `rollback_production`, or the last step of a job that was cut off. */
  public recover(run: ReviewRun): Promise<Ended> {
    return this.step(run, ['rollback', 'production', '--recover'], {});
  }

  /** Plan, approval, deployment, confirmation. */
  public async ship(tag: string, behaviour: Behaviour = 'good', options: AssemblyOptions = {}): Promise<Ended> {
    const run = this.build(tag, behaviour, options);
    const ended = await this.deploy(run, await this.plan(run));
    if (ended.code === 0) await this.monitor(run);
    return ended;
  }

  private step({ digest, id, tag }: ReviewRun, args: string[], { attempt, env, onLine }: Partial<Pick<Step, 'attempt' | 'env' | 'onLine'>>): Promise<Ended> {
    const { aws, world } = this.cdk;
    // GitHub is not there: the ledger is a file, and the files of releases are on this machine
    const job = { GITHUB_TOKEN: 'none', GITHUB_API_URL: 'http://127.0.0.1:9', DELIVERY_ARTIFACT_DIGEST: digest };
    return world.step({ id, attempt, tag, onLine, env: { ...aws.env, ...job, ...env } }, ...args);
  }
}
