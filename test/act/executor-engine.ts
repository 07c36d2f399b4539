import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Engine, EngineRun } from './engine';
import { GithubActions, shortened, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { results } from '../e2e/run-results';

export interface EngineOptions {
  /** A folder of the caller's, who also removes it. */
  readonly root: string;
  /** The git repository with the synthesized workflow. */
  readonly repository: string;
  readonly api: GithubStandIn;
}

/** Our own executor, with which the other end-to-end tests work. */
export class ExecutorEngine implements Engine {
  public readonly name = 'tools/github-actions-emulator';
  private readonly actions: GithubActions;
  private readonly workflow: Workflow;

  constructor({ root, repository, api }: EngineOptions) {
    this.workflow = parse(readFileSync(join(repository, '.github/workflows/deploy.yml'), 'utf8')) as Workflow;
    this.actions = new GithubActions({ root, repository, api, times: shortened(0.2) });
  }

  public async push(ref: string, sha: string): Promise<EngineRun> {
    const run = await this.actions.execute(this.workflow, { name: 'push', ref, sha });
    return { results: results(run), log: Object.values(run.jobs).map(({ log }) => log).join('\n') };
  }

  public async stop(): Promise<void> {
    this.actions.cleanUp();
  }
}
