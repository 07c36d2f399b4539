import { github } from 'projen';
import { DeployingEvent } from './deploying-events';
import { followers, HostJob, hostJobs, patchedInJobs } from './host-workflow';
import { JobResults } from './skipped-jobs';
import { invalid, show } from '../../../validation/validation-error';

export interface AwaitedJobsOptions {
  readonly workflow: github.GithubWorkflow;
  /** Those that the user named, if any were. */
  readonly named?: readonly string[];
  /** Jobs that the release's files wait for already. */
  readonly covered: readonly string[];
  /** Jobs that fix a pull request, and never run where there is nothing to fix. */
  readonly fixing: readonly string[];
}

type Hosts = ReadonlyMap<string, HostJob>;

/** An environment, and what deploys to it. */
export interface Destination {
  readonly name: string;
  /** The delivery's jobs that a deployment waits for: it can wait for others that need these, too. */
  readonly prepared: readonly string[];
  readonly events: readonly DeployingEvent[];
}

/** Decides which jobs of a workflow a deployment waits for: those that the user named, else all that can succeed before it. */
export class AwaitedJobs {
  /** As they are now. */
  private readonly hosts: Hosts;

  constructor(private readonly options: AwaitedJobsOptions) {
    this.hosts = hostJobs(options.workflow);
  }

  public of(destination: Destination): string[] {
    return [...this.options.named ?? this.awaitable(destination)];
  }

  /** Refuses a named job that never succeeds before a deployment: nothing would ever be deployed, and every run would be green. */
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

  /** What a person should know of jobs that deployments do not wait for. */
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

  /** Neither named nor needed by one that was. Who only reports how others went decides nothing. */
  private unnamed(destinations: readonly Destination[]): string[] {
    const { named, covered } = this.options;
    if (named === undefined) return [];
    const { hosts } = this;
    const awaited = withAncestors(hosts, [...named, ...covered]);
    const deciding = new Set(destinations.flatMap((one) => this.awaitable(one).filter((id) => !reports(hosts, one.events, id))));
    return [...deciding].filter((id) => !awaited.has(id));
  }

  /** By default left out: whatever becomes of the others, they do not run. */
  private idle(destinations: readonly Destination[]): string[] {
    if (this.options.named !== undefined) return [];
    const { hosts } = this;
    return [...hosts.keys()].flatMap((id) => {
      const waiting = destinations.filter((one) => this.candidates(one).includes(id));
      const without = waiting.filter(({ events }) => idleOn(hosts, events, id).length === events.length);
      return without.length > 0 ? [`${show(id)} on ${titlesOf(without.flatMap(({ events }) => events))} (${reasonOf(hosts.get(id)!)})`] : [];
    });
  }

  /** A release begins in several ways. */
  private sometimesIdle(destinations: readonly Destination[]): string[] {
    const { hosts } = this;
    const found = destinations.flatMap((destination) => this.of(destination).flatMap((id) => {
      const without = hosts.has(id) ? idleOn(hosts, destination.events, id) : [];
      return without.length > 0 && without.length < destination.events.length ? [`${show(id)} not on ${titlesOf(without)}`] : [];
    }));
    return [...new Set(found)];
  }

  /** One after the other, each after those that it needs: what becomes of it depends on those alone. */
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

  /** Those that a deployment could wait for. */
  private candidates({ prepared }: Destination): string[] {
    const { hosts } = this;
    const { workflow, covered, fixing } = this.options;
    const after = followers(hosts, workflow, prepared);
    return [...hosts.keys()].filter((id) => ![...covered, ...fixing].includes(id) && !after.has(id));
  }
}

/** Each after those that it needs. */
function inOrder(hosts: Hosts): string[] {
  return [...[...hosts.keys()].reduce((found, id) => withAncestors(hosts, [id], found), new Set<string>())];
}

/** Whether a job can run where those that are awaited succeed, on one of the events at least. */
function runsBefore(hosts: Hosts, events: readonly DeployingEvent[], awaited: readonly string[]): (id: string) => boolean {
  const results = events.map((event) => new JobResults(hosts, event, new Set(awaited)));
  return (id) => results.some((one) => one.mayRun(id));
}

/** The events on which a job does not run, whatever becomes of the others. */
function idleOn(hosts: Hosts, events: readonly DeployingEvent[], id: string): DeployingEvent[] {
  return events.filter((event) => !new JobResults(hosts, event).mayRun(id));
}

/** Whether it also runs where a job that it needs failed. */
function reports(hosts: Hosts, events: readonly DeployingEvent[], id: string): boolean {
  return events.some((event) => new JobResults(hosts, event).mayRunAfterFailure(id));
}

/** With all that they need, near and far, which comes first. */
function withAncestors(hosts: Hosts, ids: readonly string[], found = new Set<string>(), path: readonly string[] = []): Set<string> {
  for (const id of ids) {
    // one that waits for itself is refused elsewhere
    if (found.has(id) || path.includes(id)) continue;
    withAncestors(hosts, hosts.get(id)?.needs ?? [], found, [...path, id]).add(id);
  }
  return found;
}

/** For people. */
export function titlesOf(events: readonly DeployingEvent[]): string {
  return [...new Set(events.map(({ title }) => title))].join(' or ');
}

function reasonOf({ condition, needs }: HostJob): string {
  const asks = condition === undefined ? [] : [`if: ${String(condition)}`];
  return [...asks, ...(needs.length > 0 ? [`needs: ${needs.join(', ')}`] : [])].join('; ');
}
