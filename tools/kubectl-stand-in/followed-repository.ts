import { join } from 'node:path';
import { KubectlStandIn } from './stand-in';
import { GitServer } from '../github-api-stand-in/git-server';

/** What may write to the repository. */
export const DEPLOYMENTS_TOKEN = 'a-token-of-the-deployments';
const REPOSITORY = 'acme/deployments';

/** A repository of deployments in a folder of the machine, and a cluster whose controller follows it. */
export class FollowedRepository {
  public static async start(machine: string): Promise<FollowedRepository> {
    const git = await GitServer.start((token) => (token === DEPLOYMENTS_TOKEN ? 'write' : undefined), REPOSITORY, join(machine, 'git'));
    return new FollowedRepository(git, machine);
  }

  public readonly env: Readonly<Record<string, string>>;
  /** Of the repository. */
  public readonly url: string;
  private readonly kubectl: KubectlStandIn;

  private constructor(private readonly git: GitServer, machine: string) {
    this.url = `${git.url}/${REPOSITORY}`;
    this.kubectl = new KubectlStandIn(machine, {
      objects: {}, gitOps: { name: 'shop', namespace: 'flux-system', repository: this.url, git: git.folder, branch: 'main', path: 'apps/shop' },
    });
    this.env = this.kubectl.env;
    this.reset();
  }

  /** The branch is there before the first release. */
  public reset(): void {
    this.git.create();
    this.git.addFiles('main', { 'README.md': 'deployments' });
    this.kubectl.reset();
  }

  public async stop(): Promise<void> {
    await this.git.stop();
  }
}
