import { CommandTargetOptions, commandTarget } from './command-target';
import { TargetBinding, TargetContext } from './target-binding';
import { TaskTargetOptions, taskTarget } from './task-target';
import { AwsCdkTargetOptions, awsCdkTarget } from '../engines/aws-cdk/target';
import { EcsTargetOptions, ecsTarget } from '../engines/ecs/target';
import { GitOpsTargetOptions, gitOpsTarget } from '../engines/git-ops/target';
import { GithubPagesTargetOptions, githubPagesTarget } from '../engines/github-pages/target';
import { KubernetesTargetOptions, kubernetesTarget } from '../engines/kubernetes/target';
import { LambdaTargetOptions, lambdaTarget } from '../engines/lambda/target';
import { NpmTargetOptions, npmTarget } from '../engines/npm/target';
import { RegistryTargetOptions, registryTarget } from '../engines/package-registry/target';
import { ServersTargetOptions, serversTarget } from '../engines/servers/target';
import { StaticSiteTargetOptions, staticSiteTarget } from '../engines/static-site/target';

/**
 * Defines how a release is deployed to an environment and restored. Extend it for a platform of your own: `bind` returns what the platform needs, and the
 * delivery adds it to the jobs and the manifest.
 *
 * @example
 * class Heroku extends Target {
 *   bind(context: TargetContext): TargetBinding {
 *     return { commands: { deploy: TargetCommand.line('./heroku-deploy.sh') }, secrets: ['HEROKU_API_KEY'] };
 *   }
 * }
 */
export abstract class Target {
  /**
   * Deploys with the project's own tasks.
   *
   * @param options the task for each phase
   */
  public static tasks(options: TaskTargetOptions): Target {
    return bound('Target.tasks', taskTarget(options));
  }

  /**
   * Deploys with shell lines, which need no projen in the jobs.
   *
   * @param options the shell line for each phase
   */
  public static commands(options: CommandTargetOptions): Target {
    return bound('Target.commands', commandTarget(options));
  }

  /**
   * Deploys a zip file to an AWS Lambda function: publishes a version for each release, and points an alias at it.
   *
   * @param options the function, its alias and its code
   */
  public static lambda(options: LambdaTargetOptions): Target {
    return bound('Target.lambda', lambdaTarget(options));
  }

  /**
   * Runs a service of Amazon ECS with the image of the release (`Artifact.image`): registers a revision of its task definition, and waits until
   * the service is steady. With `blueGreen`, two services share a listener, and its weights move users between them, all at once or in steps.
   *
   * @param options the cluster, and the service or the two services
   */
  public static ecs(options: EcsTargetOptions): Target {
    return bound('Target.ecs', ecsTarget(options));
  }

  /**
   * Deploys the stacks of an AWS CDK app with the CDK CLI. The app stays as it is: its cloud assembly is built once and deployed unchanged.
   *
   * @param options the stacks
   */
  public static awsCdk(options: AwsCdkTargetOptions = {}): Target {
    return new BuiltInTarget('Target.awsCdk', awsCdkTarget(options));
  }

  /**
   * Deploys a folder of files to an Amazon S3 bucket: a prefix for each release, and a CloudFront distribution whose origin path names the live one.
   *
   * @param options the bucket, the folder and the distribution
   */
  public static staticSite(options: StaticSiteTargetOptions): Target {
    return new BuiltInTarget('Target.staticSite', staticSiteTarget(options));
  }

  /**
   * Publishes a folder of files to GitHub Pages: a commit for each release, and a branch that GitHub serves.
   *
   * @param options the folder and the branch
   */
  public static githubPages(options: GithubPagesTargetOptions): Target {
    return new BuiltInTarget('Target.githubPages', githubPagesTarget(options));
  }

  /**
   * Commits each release to a folder of a git repository that Argo CD or Flux follows, and waits until the cluster serves it.
   *
   * @param options the repository, the folder, the manifests and the token
   */
  public static gitOps(options: GitOpsTargetOptions): Target {
    return new BuiltInTarget('Target.gitOps', gitOpsTarget(options));
  }

  /**
   * Releases a package of a registry of npm: publishes it under a candidate tag, installs it into an empty project, and moves the tag that users install by.
   *
   * @param options the tags, the registry and the smoke command
   */
  public static npm(options: NpmTargetOptions = {}): Target {
    return new BuiltInTarget('Target.npm', npmTarget(options));
  }

  /**
   * Applies manifests, or a Helm chart, to a namespace of a Kubernetes cluster: waits until the pods of the release serve, and deletes what it no longer has.
   *
   * @param options the manifests, the namespace and the sign-in
   */
  public static kubernetes(options: KubernetesTargetOptions): Target {
    return new BuiltInTarget('Target.kubernetes', kubernetesTarget(options));
  }

  /**
   * Verifies a version of a package that someone else publishes to a registry where nothing can be taken back: waits until it is served, installs it into
   * an empty project, and runs a smoke command. A bad release is halted: there is no rollback.
   *
   * @param options the registry and the smoke command
   */
  public static registry(options: RegistryTargetOptions): Target {
    return new BuiltInTarget('Target.registry', registryTarget(options));
  }

  /**
   * Deploys files to hosts over ssh: a folder for each release, a link that leads to the live one, and a command that restarts the service, host by host.
   * With `container`, each host runs a container of the delivery's image.
   *
   * @param options the hosts, their keys, and the folders or the container
   */
  public static servers(options: ServersTargetOptions): Target {
    return bound('Target.servers', serversTarget(options));
  }

  /**
   * Returns what the target provides for an environment. Called once per environment of the target.
   *
   * @param context the environment
   */
  public abstract bind(context: TargetContext): TargetBinding;
}

/** A target of this package. Its file defines the binding, and does not import this class. */
class BuiltInTarget extends Target {
  constructor(public readonly _shown: string, private readonly _bind: (context: TargetContext) => TargetBinding) {
    super();
  }

  public bind(context: TargetContext): TargetBinding {
    return this._bind(context);
  }
}

/** What is the same for every environment, checked where the user writes it. */
function bound(shown: string, binding: TargetBinding): Target {
  return new BuiltInTarget(shown, () => binding);
}

/** What messages about a target's commands call it. */
export function shownTarget(target: Target, otherwise: string): string {
  return target instanceof BuiltInTarget ? target._shown : otherwise;
}
