import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitOpsDriverManifest } from '../../../src/engines/git-ops/manifest';
import { GitServer } from '../../../tools/github-api-stand-in/git-server';
import { FollowedFolder, KubectlStandIn, writeManifests } from '../../../tools/kubectl-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld } from '../driver-world';

const MANIFESTS = 'machine/manifests';
export const PATH = 'apps/shop';
export const TOKEN = 'a-token-that-no-log-shows';

/** A repository of deployments, and a cluster whose controller follows it. */
class GitOpsStandIn {
  /** What the token may do. */
  public access: 'read' | 'write' | undefined = 'write';
  public token = TOKEN;

  constructor(public readonly git: GitServer, public readonly kubectl: KubectlStandIn) {}

  public get env(): Record<string, string> {
    return { ...this.kubectl.env, DEPLOYMENTS_TOKEN: this.token, GIT_CONFIG_PARAMETERS: '\'core.editor=false\'' };
  }

  public get served(): string {
    return this.kubectl.served;
  }

  public get files(): Record<string, string> {
    return this.git.filesOf('main')!;
  }

  public follow(changes: Partial<FollowedFolder>): void {
    const { state } = this.kubectl;
    this.kubectl.state = { ...state, gitOps: { ...state.gitOps!, ...changes } };
  }
}

/** A repository whose target is a folder of another one, with git's own server and the stand-in for kubectl. */
export class GitOpsWorld extends DriverWorld<GitOpsStandIn> {
  public static async create(controller: 'flux' | 'argoCd' | 'none' = 'flux', settings: Partial<GitOpsDriverManifest> = {}): Promise<GitOpsWorld> {
    const allowed: { standIn?: GitOpsStandIn } = {};
    const git = await GitServer.start((token) => (token === TOKEN ? allowed.standIn?.access : undefined), 'acme/deployments');
    git.addFiles('main', { 'README.md': 'deployments', 'apps/other/web.yaml': 'kind: ConfigMap' });
    git.defaultBranch = 'main';
    const repository = `${git.url}/acme/deployments`;
    const driver: GitOpsDriverManifest = {
      kind: 'gitOps',
      repository,
      branch: 'main',
      path: PATH,
      manifests: MANIFESTS,
      name: 'shop-production',
      tokenVariable: 'DEPLOYMENTS_TOKEN',
      user: 'x-access-token',
      ...(controller !== 'none' && { follows: { kind: controller, name: 'shop', namespace: 'delivery', cluster: {} } }),
      ...settings,
    };
    const target = { deploy: { kind: 'driver', call: 'deploy' }, rollback: { kind: 'driver', call: 'rollback' }, driver } as const;
    const world = await World.create('redeploy', { target, secrets: ['DEPLOYMENTS_TOKEN'] });
    const kubectl = new KubectlStandIn(join(world.root, 'machine'), {
      objects: {}, gitOps: { name: 'shop', namespace: 'delivery', repository: `${repository}.git`, git: git.folder, branch: 'main', path: PATH },
    });
    const standIn = allowed.standIn = new GitOpsStandIn(git, kubectl);
    return new GitOpsWorld(world, standIn);
  }

  public get engine(): GitOpsStandIn {
    return this.aws;
  }

  /** Releases a new commit, and writes its manifests. */
  public build(version: string, behaviour: Behaviour = 'good', more: readonly object[] = []): void {
    this.world.release(version, behaviour);
    writeManifests(join(this.world.root, MANIFESTS), version, more);
  }

  public ship(version: string, behaviour: Behaviour = 'good', onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour);
    return this.deploy(version, onLine);
  }

  /** The build made nothing. */
  public empty(): void {
    const folder = join(this.world.root, MANIFESTS);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  }

  /** What becomes of the pods of a release. */
  public break(version: string, reason: string, restarts = 0): void {
    const { kubectl } = this.engine;
    kubectl.state = { ...kubectl.state, broken: { ...kubectl.state.broken, [`shop:${version}`]: [reason, restarts] } };
  }

  /** Users reach a release. */
  public serve(version: string): void {
    const machine = join(this.world.root, 'machine');
    writeFileSync(join(machine, 'only'), version);
    writeFileSync(join(machine, 'live'), 'only');
  }

  public async destroy(): Promise<void> {
    await Promise.all([this.world.destroy(), this.engine.git.stop()]);
  }
}
