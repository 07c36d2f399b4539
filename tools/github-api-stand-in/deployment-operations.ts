import { Listing } from './listing';
import { Rendering } from './rendering';
import { NewStatus, Repository, StoredDeployment } from './repository';
import { ApiResponse, Call, ok, Operations, RejectedRequest } from './response';

export interface DeploymentOperationsOptions {
  readonly repository: Repository;
  readonly listing: Listing;
  readonly rendering: () => Rendering;
  /** Whether payloads are returned as JSON text, as GitHub does for some clients. */
  readonly payloadAsText: () => boolean;
}

/** Deployments, what became of them, and where they go. */
export class DeploymentOperations {
  constructor(private readonly options: DeploymentOperationsOptions) {}

  public operations(): Operations {
    return {
      'repos/list-deployments': (call) => this.list(call),
      'repos/create-deployment': (call) => this.create(call),
      'repos/get-deployment': (call) => ok(this.render(this.deployment(call))),
      'repos/delete-deployment': (call) => {
        if (!this.options.repository.deleteDeployment(this.deployment(call))) throw new RejectedRequest(422, 'We cannot delete an active deployment unless it is the only deployment in a given environment.');
        return { status: 204 };
      },
      'repos/list-deployment-statuses': (call) => this.listStatuses(call),
      'repos/create-deployment-status': (call) => this.createStatus(call),
      'repos/get-all-environments': ({ request }) => this.options.listing.page(
        request,
        this.options.repository.environments,
        (name) => this.rendering.environment(name, this.options.repository.protections.get(name)),
        (environments, total) => ({ total_count: total, environments }),
      ),
      'repos/get-environment': ({ parameters: { environment_name: name } }) => {
        if (!this.options.repository.environments.includes(name)) throw new RejectedRequest(404, 'Not Found');
        return ok(this.rendering.environment(name, this.options.repository.protections.get(name)));
      },
    };
  }

  private list({ request }: Call): ApiResponse {
    const { listing, repository } = this.options;
    const { environment, task, sha, ref } = request.query;
    const matching = repository.deployments.filter((deployment) =>
      listing.isSeen(deployment)
      && (!environment || deployment.environment === environment)
      && (!task || deployment.task === task)
      && (!sha || deployment.sha === sha)
      && (!ref || deployment.ref === ref));
    return listing.page(request, listing.inOrder(matching), (deployment) => this.render(deployment));
  }

  private create({ request, caller }: Call): ApiResponse {
    const body = request.body as {
      ref: string;
      task?: string;
      environment?: string;
      payload?: Record<string, unknown> | string;
      description?: string | null;
      transient_environment?: boolean;
      production_environment?: boolean;
    };
    const deployment = this.options.repository.createDeployment({
      ref: body.ref,
      task: body.task,
      environment: body.environment ?? 'production',
      payload: body.payload,
      description: body.description,
      creator: caller.login,
      transient: body.transient_environment,
      production: body.production_environment,
    });
    this.options.listing.hide(deployment);
    return { status: 201, body: this.render(deployment) };
  }

  private listStatuses(call: Call): ApiResponse {
    const { listing } = this.options;
    const deployment = this.deployment(call);
    const statuses = listing.inOrder(deployment.statuses.filter((status) => listing.isSeen(status)));
    return listing.page(call.request, statuses, (status) => this.rendering.status(deployment, status));
  }

  private createStatus(call: Call): ApiResponse {
    const deployment = this.deployment(call);
    const body = call.request.body as {
      state: NewStatus['state'];
      description?: string;
      log_url?: string;
      target_url?: string;
      environment_url?: string;
      auto_inactive?: boolean;
    };
    const status = this.options.repository.createStatus(deployment, {
      state: body.state,
      description: body.description,
      logUrl: body.log_url ?? body.target_url,
      environmentUrl: body.environment_url,
      autoInactive: body.auto_inactive,
      creator: call.caller.login,
    });
    this.options.listing.hide(status);
    return { status: 201, body: this.rendering.status(deployment, status) };
  }

  private deployment({ parameters }: Call): StoredDeployment {
    const deployment = this.options.repository.deployments.find(({ id }) => id === Number(parameters.deployment_id));
    if (!deployment || !this.options.listing.isFound(deployment)) throw new RejectedRequest(404, 'Not Found');
    return deployment;
  }

  private render(deployment: StoredDeployment): Record<string, unknown> {
    const rendered = this.rendering.deployment(deployment);
    return this.options.payloadAsText() ? { ...rendered, payload: JSON.stringify(deployment.payload) } : rendered;
  }

  private get rendering(): Rendering {
    return this.options.rendering();
  }
}
