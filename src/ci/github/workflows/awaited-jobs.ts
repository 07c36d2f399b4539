import { github } from 'projen';
import { DeployingEvent } from './deploying-events';
import { followers, HostJob, hostJobs, patchedInJobs } from './host-workflow';
import { JobResults } from './skipped-jobs';
import { invalid, show } from '../../../validation/validation-error';
import { Jobs } from '../proof/cone';

export interface AwaitedJobsOptions {
  readonly workflow: github.GithubWorkflow;
  /** The jobs that the user lists. */
  readonly named?: readonly string[];
  /** Jobs that the release's files wait for. */
  readonly covered: readonly string[];
  /** Jobs that fix a pull request, and otherwise never run. */
  readonly fixing: readonly string[];
}

/** Returns those of the jobs, and of the jobs before them, that count as successful when they fail. */
export function jobsThatMayFail(jobs: Jobs, ids: readonly string[]): string[] {
  const seen = new Set<string>();
  const visit = (id: string): string[] => {
    if (seen.has(id)) return [];
    seen.add(id);
    const { 'continue-on-error': goesOn = false, needs } = jobs[id] ?? {};
    return [...[needs ?? []].flat().map(String).flatMap(visit), ...(goesOn === false ? [] : [id])];
  };
  return ids.flatMap(visit);
}

type Hosts = ReadonlyMap<string, HostJob>;

/** An environment, and the events that deploy to it. */
export interface Destination {
  readonly name: string;
  /** The delivery's jobs that a deployment waits for; it can also wait for jobs that need these. */
  readonly prepared: readonly string[];
  readonly events: readonly DeployingEvent[];
}

/** Determines which jobs of a workflow a deployment waits for: those that the user lists, or all that can succeed before it. */
export class AwaitedJobs {
  private readonly hosts: Hosts;

  constructor(private readonly options: AwaitedJobsOptions) {
    this.hosts = hostJobs(options.workflow);
  }

  public of(destination: Destination): string[] {
    return [...this.options.named ?? this.awaitable(destination)];
  }

  /** Rejects a listed job that never succeeds before a deployment: nothing would be deployed, and every run would be green. */
  public check(destinations: readonly Destination[]): void {
    const { named = [], covered } = this.options;
    const { hosts } = this;
    for (const { name, events, prepared } of destinations) {
      const runs = runsBefore(hosts, events, [...named, ...covered, ...prepared]);
      const idle = named.find((id) => hosts.has(id) && !runs(id));
      if (idle === undefined) continue;
      invalid('needs', `the job ${show(idle)} never runs before a deployment to ${show(name)}, which begins with ${titlesOf(events)} (${reasonOf(hosts.get(idle)!)}), so nothing would be deployed`,
        'Take it out of needs, or let it run then');
    }
  }

  /** Returns warnings about jobs that deployments do not wait for. */
  public warnings(destinations: readonly Destination[]): string[] {
    const name = show(this.options.workflow.name);
    const [unawaited, idle, sometimes] = [this.unawaited(destinations), this.idle(destinations), this.sometimesIdle(destinations)];
    return [
      ...(unawaited.length > 0 ? [`no deployment waits for these jobs of the workflow ${name}: ${unawaited.join(', ')}. What they find bad is deployed all the same. Name them in needs`] : []),
      ...(idle.length > 0 ? [`deployments do not wait for jobs of the workflow ${name} that never run before them: ${idle.join('; ')}. Let them run then, or name in needs what deployments wait for`] : []),
      ...(sometimes.length > 0 ? [`deployments wait for jobs of the workflow ${name} that do not always run: ${sometimes.join('; ')}. Nothing is deployed then`] : []),
    ];
  }

  private unawaited(destinations: readonly Destination[]): string[] {
    return [...this.unnamed(destinations), ...patchedInJobs(this.options.workflow)].map(show);
  }

  /** Jobs that are neither listed nor needed by a listed job. Jobs that only report results are excluded. */
  private unnamed(destinations: readonly Destination[]): string[] {
    const { named, covered } = this.options;
    if (named === undefined) return [];
    const { hosts } = this;
    const awaited = withAncestors(hosts, [...named, ...covered]);
    const deciding = new Set(destinations.flatMap((one) => this.awaitable(one).filter((id) => !reports(hosts, one.events, id))));
    return [...deciding].filter((id) => !awaited.has(id));
  }

  /** Jobs that the default excludes, because they never run before a deployment. */
  private idle(destinations: readonly Destination[]): string[] {
    if (this.options.named !== undefined) return [];
    const { hosts } = this;
    return [...hosts.keys()].flatMap((id) => {
      const waiting = destinations.filter((one) => this.candidates(one).includes(id));
      const without = waiting.filter(({ events }) => idleOn(hosts, events, id).length === events.length);
      return without.length > 0 ? [`${show(id)} on ${titlesOf(without.flatMap(({ events }) => events))} (${reasonOf(hosts.get(id)!)})`] : [];
    });
  }

  /** Jobs that run on some of the events only. */
  private sometimesIdle(destinations: readonly Destination[]): string[] {
    const { hosts } = this;
    const found = destinations.flatMap((destination) => this.of(destination).flatMap((id) => {
      const without = hosts.has(id) ? idleOn(hosts, destination.events, id) : [];
      return without.length > 0 && without.length < destination.events.length ? [`${show(id)} not on ${titlesOf(without)}`] : [];
    }));
    return [...new Set(found)];
  }

  /** In the order of their needs, because a job's result depends on those alone. */
  private awaitable(destination: Destination): string[] {
    const { covered } = this.options;
    const { hosts } = this;
    const candidates = this.candidates(destination);
    const awaited = [...covered, ...destination.prepared];
    for (const id of inOrder(hosts)) {
      if (candidates.includes(id) && runsBefore(hosts, destination.events, awaited)(id)) awaited.push(id);
    }
    return candidates.filter((id) => awaited.includes(id));
  }

  private candidates({ prepared }: Destination): string[] {
    const { hosts } = this;
    const { workflow, covered, fixing } = this.options;
    const after = followers(hosts, workflow, prepared);
    return [...hosts.keys()].filter((id) => ![...covered, ...fixing].includes(id) && !after.has(id));
  }
}

/** Sorts each job after those that it needs. */
function inOrder(hosts: Hosts): string[] {
  return [...[...hosts.keys()].reduce((found, id) => withAncestors(hosts, [id], found), new Set<string>())];
}

/** Returns whether a job can run on one of the events if the awaited jobs succeed. */
function runsBefore(hosts: Hosts, events: readonly DeployingEvent[], awaited: readonly string[]): (id: string) => boolean {
  const results = events.map((event) => new JobResults(hosts, event, new Set(awaited)));
  return (id) => results.some((one) => one.mayRun(id));
}

/** Returns the events on which a job never runs. */
function idleOn(hosts: Hosts, events: readonly DeployingEvent[], id: string): DeployingEvent[] {
  return events.filter((event) => !new JobResults(hosts, event).mayRun(id));
}

/** Returns whether it also runs after a failure of its needs. */
function reports(hosts: Hosts, events: readonly DeployingEvent[], id: string): boolean {
  return events.some((event) => new JobResults(hosts, event).mayRunAfterFailure(id));
}

/** Returns jobs with all their ancestors, ancestors first. */
function withAncestors(hosts: Hosts, ids: readonly string[], found = new Set<string>(), path: readonly string[] = []): Set<string> {
  for (const id of ids) {
    // cycles are rejected elsewhere
    if (found.has(id) || path.includes(id)) continue;
    withAncestors(hosts, hosts.get(id)?.needs ?? [], found, [...path, id]).add(id);
  }
  return found;
}

export function titlesOf(events: readonly DeployingEvent[]): string {
  return [...new Set(events.map(({ title }) => title))].join(' or ');
}

function reasonOf({ condition, needs }: HostJob): string {
  const conditions = condition === undefined ? [] : [`if: ${String(condition)}`];
  return [...conditions, ...(needs.length > 0 ? [`needs: ${needs.join(', ')}`] : [])].join('; ');
}
