import { github } from 'projen';
import { OwnWorkflow } from './own-workflow';
import { commandWords, CommandWords, OPTION } from '../../../contract/command-line';
import { JOB } from '../../../contract/jobs';
import { StatusPageManifest, WATCHED_AT_ONCE } from '../../../contract/manifest';
import { VERDICT } from '../../../contract/outputs';
import { WORKFLOW } from '../../../contract/workflows';
import { Environment } from '../../../delivery/environment';
import { Monitoring } from '../../../monitoring/monitoring';
import { expression } from '../jobs/conditions';
import { JobEnvironment } from '../jobs/job-environment';
import { outputsOf, jobEnvironment, runsOn } from '../jobs/job-settings';
import { loginPermissions, loginSteps } from '../jobs/login-steps';
import { PAGE_OUTPUTS, statusPageSteps } from '../jobs/status-page-steps';
import { checkoutAll, checkoutRuntime, plainSecrets, runtime, WorkflowContext } from '../jobs/steps';
import { timeouts } from '../jobs/timeouts';

type Job = github.workflows.Job;

/** Environments that one job can watch: it has one runner, and reads the secrets of one GitHub environment. */
interface Group {
  readonly environments: Environment[];
  /** Where the secrets of request headers are read from, and the reading role trusts the job, if any. */
  readonly place?: string;
}

/** Writes monitor.yml: on a schedule and by hand, one job for all environments with the same runner and secrets. */
export class MonitorWorkflow extends OwnWorkflow {
  private readonly environments: Environment[] = [];

  /** @param name spreads the minutes of several repositories */
  constructor(private readonly workflowContext: WorkflowContext, private readonly monitoring: Monitoring, name: string) {
    super(workflowContext.hub, workflowContext.scope.workflowName(WORKFLOW.MONITOR), 'monitorWorkflow');
    this.listen({ schedule: [{ cron: monitoring.cron(name) }], workflowDispatch: {} }, 0);
  }

  /** A job's line lists all its environments, so jobs are written again. */
  public addEnvironments(environments: Environment[]): void {
    this.environments.push(...environments.filter(({ name }) => this.monitoring.watches(name)));
    const groups = groupsOf(this.environments);
    const ids = groups.map(({ environments: [first] }, i) => (i === 0 ? JOB.WATCH : `${JOB.WATCH}_${first.id}`));
    groups.forEach((group, i) => this.put(ids[i], 'watch', this.watchJob(group, groups.length === 1)));
    if (groups.length > 1 && this.page) this.put(JOB.STATUS_PAGE, 'page', this.statusPageJob(ids, this.page));
    if (groups.length > 1 && this.monitoring.heartbeat) this.put(JOB.HEARTBEAT, 'heartbeat', this.heartbeatJob(ids));
  }

  private watchJob({ environments, place: where }: Group, isAlone: boolean): Job {
    const { alerts } = this.workflowContext;
    const names = environments.map(({ name }) => name);
    const notifying = alerts.filter((alert) => names.some((name) => alert._notifies(name)));
    const secrets = [
      ...environments.flatMap(({ watchSecrets, readSecrets }) => [...watchSecrets, ...readSecrets]),
      ...notifying.flatMap(({ _secrets }) => _secrets),
      ...(isAlone ? this.heartbeatSecrets : []),
    ];
    const { READ, WRITE } = github.workflows.JobPermission;
    // what signs in is alone in its group: its monitorEnvironment is its own
    const first = JobEnvironment.of(environments[0]);
    return {
      name: isAlone ? JOB.WATCH : `${JOB.WATCH} ${names.join(', ')}`,
      if: expression('!github.event.repository.fork'),
      ...runsOn(this.workflowContext, environments[0]),
      timeoutMinutes: this.minutes(environments),
      permissions: {
        contents: isAlone ? this.contentsPermission : READ,
        deployments: WRITE,
        actions: WRITE,
        ...(notifying.some(({ _writesIssues }) => _writesIssues) ? { issues: WRITE } : {}),
        ...loginPermissions(first, 'read'),
      },
      ...(where === undefined ? {} : { environment: jobEnvironment(this.workflowContext, where) }),
      concurrency: { 'group': `delivery-monitor-${environments[0].key}`, 'cancel-in-progress': false },
      outputs: outputsOf('watch', [VERDICT, ...(this.page && !isAlone ? PAGE_OUTPUTS : [])]),
      steps: [
        // an alert or a check that runs a command needs what the project's tasks need
        ...(notifying.some(({ _runsCommand }) => _runsCommand) || environments.some(({ watchesWithCommands }) => watchesWithCommands)
          ? [checkoutAll(this.workflowContext, false), ...this.workflowContext.toolchainSteps]
          : [checkoutRuntime()]),
        ...loginSteps(first, 'read'),
        runtime('watch', 'watch', commandWords('watch', { options: this.options(names, isAlone) }), {}, plainSecrets([...new Set(secrets)])),
        ...(this.page && isAlone ? statusPageSteps({ page: this.page, outputs: ['steps.watch.outputs'], project: this.projectOption }) : []),
      ],
    };
  }

  private options(names: string[], isAlone: boolean): CommandWords['options'] {
    return { ...(isAlone ? {} : { [OPTION.ENVIRONMENTS]: names.join(','), [OPTION.HEARTBEAT]: 'none' }), ...this.projectOption };
  }

  /** Runs after the other jobs, if they found everything healthy. */
  private heartbeatJob(needs: string[]): Job {
    return {
      name: 'heartbeat',
      needs,
      if: expression(needs.map((id) => `needs.${id}.outputs.${VERDICT} == 'healthy'`).join(' && ')),
      ...runsOn(this.workflowContext, {}),
      timeoutMinutes: 5,
      permissions: { contents: github.workflows.JobPermission.READ },
      steps: [
        checkoutRuntime(),
        runtime('heartbeat', 'send the heartbeat', commandWords('watch', { options: { [OPTION.HEARTBEAT]: 'only', ...this.projectOption } }), {}, plainSecrets(this.heartbeatSecrets)),
      ],
    };
  }

  /** Runs after the other jobs, with any result, and writes their measurements to one page. */
  private statusPageJob(needs: string[], page: StatusPageManifest): Job {
    const { READ } = github.workflows.JobPermission;
    return {
      name: 'status page',
      needs,
      if: expression('!cancelled() && !github.event.repository.fork'),
      ...runsOn(this.workflowContext, {}),
      timeoutMinutes: 5,
      permissions: { contents: this.contentsPermission, deployments: READ, ...(page.kind === 'artifact' ? { actions: READ } : {}) },
      concurrency: { 'group': `delivery-status-page${this.projectGroup}`, 'cancel-in-progress': false },
      steps: [checkoutRuntime(), ...statusPageSteps({ page, outputs: needs.map((id) => `needs.${id}.outputs`), project: this.projectOption })],
    };
  }

  private get page(): StatusPageManifest | undefined {
    return this.monitoring.statusPage?._manifest((base) => this.workflowContext.scope.nameOf(base));
  }

  private get projectOption(): CommandWords['options'] {
    const { project } = this.workflowContext.scope;
    return project && { [OPTION.PROJECT]: project.name };
  }

  private get projectGroup(): string {
    const { project } = this.workflowContext.scope;
    return project ? `-${project.name}` : '';
  }

  private get contentsPermission(): github.workflows.JobPermission {
    return this.page?.kind === 'branch' ? github.workflows.JobPermission.WRITE : github.workflows.JobPermission.READ;
  }

  private get heartbeatSecrets(): string[] {
    const secret = this.monitoring.heartbeat?.secret;
    return secret === undefined ? [] : [secret];
  }

  /** The checks of an environment run in parallel, and so do `WATCHED_AT_ONCE` environments; an unconfirmed release is confirmed first. */
  private minutes(environments: Environment[]): number {
    const { retries } = this.monitoring.manifestNumbers;
    const checks = environments.flatMap(({ watchedChecks }) => watchedChecks);
    const probingMs = Math.max(0, ...checks.map(({ intervalMs, timeoutMs }) => (retries + 1) * (intervalMs + timeoutMs)));
    const watchMinutes = Math.ceil(Math.ceil(environments.length / WATCHED_AT_ONCE) * probingMs / 60_000);
    return Math.max(...environments.map((environment) => timeouts(environment).monitor)) + watchMinutes;
  }
}

/** Groups environments; those without secrets come first. */
function groupsOf(environments: Environment[]): Group[] {
  const groups = new Map<string, Environment[]>();
  for (const environment of [...environments].sort((a, b) => Number(needsMore(a)) - Number(needsMore(b)))) {
    const key = JSON.stringify([placeOf(environment), environment.runsOn]);
    groups.set(key, [...groups.get(key) ?? [], environment]);
  }
  return [...groups.values()].map((all) => ({ environments: all, place: placeOf(all[0]) }));
}

function needsMore(environment: Environment): boolean {
  return placeOf(environment) !== undefined;
}

function placeOf({ login, monitorEnvironment, watchSecrets, readSecrets }: Environment): string | undefined {
  return watchSecrets.length + readSecrets.length > 0 || login?.readRole !== undefined ? monitorEnvironment : undefined;
}
