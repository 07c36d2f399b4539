import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EcsDriverManifest } from '../manifest';
import { EcsService, readService } from './ecs-steps';
import { readTaskDefinition, TaskDefinition } from './task-definition';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { isObject, isText } from '../../../runtime/json-value';
import { EngineError } from '../../../runtime/targets/engine-error';

/** How many revisions are searched for a release. */
export const SEARCHED_REVISIONS = 50;

/** The calls of one service, typed. Rejects with `EngineError` and `InterruptedError`. */
export class EcsApi {
  constructor(private readonly cli: AwsCli, private readonly names: Pick<EcsDriverManifest, 'cluster' | 'service'>, private readonly giveUpAt: number) {}

  public async account(): Promise<string> {
    const found = await this.cli.read({ service: 'sts', operation: 'get-caller-identity', args: [], query: '{account:Account}', giveUpAt: this.giveUpAt });
    return isObject(found) && isText(found.account) ? found.account : '';
  }

  public async service(): Promise<EcsService> {
    const found = await this.read('describe-services', ['--cluster', this.names.cluster, '--services', this.names.service], '{services:services}');
    const [one] = isObject(found) && Array.isArray(found.services) ? found.services as unknown[] : [];
    const service = readService(one);
    // a service that was deleted is listed for some time
    if (!service || service.status === 'INACTIVE') throw new EngineError('notFound', `ecs describe-services: there is no service ${this.names.service}`);
    return service;
  }

  /** @param name an ARN, or `family:revision` */
  public async definition(name: string): Promise<TaskDefinition> {
    const found = await this.read('describe-task-definition', ['--task-definition', name, '--include', 'TAGS'], '{definition:taskDefinition,tags:tags}');
    const definition = isObject(found) ? readTaskDefinition(found.definition, found.tags) : undefined;
    if (!definition) throw new EngineError('rejected', `ecs describe-task-definition printed no task definition ${name}`);
    return definition;
  }

  /** The newest active revisions of a family, newest first. */
  public async revisions(family: string): Promise<string[]> {
    const args = ['--family-prefix', family, '--status', 'ACTIVE', '--sort', 'DESC', '--max-items', String(SEARCHED_REVISIONS)];
    const found = await this.read('list-task-definitions', args, '{arns:taskDefinitionArns}');
    const arns = isObject(found) && Array.isArray(found.arns) ? found.arns.filter(isText) : [];
    return arns.filter((arn) => arn.includes(`/${family}:`));
  }

  /** Returns the ARN of the new revision. The document travels in a file: it is long, and may hold what only the service should read. */
  public async register(document: unknown): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'delivery-ecs-'));
    try {
      const file = join(folder, 'task-definition.json');
      await writeFile(file, JSON.stringify(document), { mode: 0o600 });
      const found = await this.write('register-task-definition', ['--cli-input-json', `file://${file}`], '{arn:taskDefinition.taskDefinitionArn}');
      return isObject(found) && isText(found.arn) ? found.arn : '';
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** @param options whether to start the same tasks again, and how many there must be, if not as many as now */
  public async update(taskDefinition: string, { isForced, tasks }: { readonly isForced: boolean; readonly tasks?: number }): Promise<void> {
    const args = ['--cluster', this.names.cluster, '--service', this.names.service, '--task-definition', taskDefinition];
    const changes = [...(tasks === undefined ? [] : ['--desired-count', String(tasks)]), ...(isForced ? ['--force-new-deployment'] : [])];
    await this.write('update-service', [...args, ...changes], '{taskDefinition:service.taskDefinition}');
  }

  private read(operation: string, args: readonly string[], query: string): Promise<unknown> {
    return this.cli.read({ service: 'ecs', operation, args, query, giveUpAt: this.giveUpAt });
  }

  private write(operation: string, args: readonly string[], query: string): Promise<unknown> {
    return this.cli.write({ service: 'ecs', operation, args, query, giveUpAt: this.giveUpAt });
  }
}
