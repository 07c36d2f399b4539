import { Ending } from './demo-verdict';
import { isFailed, isUnknown, LoadClient } from './load-client';
import { Chapter, RolloutStory } from './rollout-story';
import { Screen } from './screen';
import { ShopStage } from './shop-stage';
import { SwitchWatch } from './switch-watch';
import { EnvironmentManifest } from '../src/contract/manifest';
import { ShopRelease } from '../test/examples/workspace';
import { RunEvent } from '../tools/github-actions-emulator';

export interface ReleasePlayOptions {
  readonly stage: ShopStage;
  readonly environment: EnvironmentManifest;
  readonly screen: Screen;
  readonly watch: SwitchWatch;
  readonly load: LoadClient;
  readonly release: ShopRelease;
  /** The demo's beginning: times are shown since then. */
  readonly startedAt: number;
}

const STATUS_MS = 100;
/** As the runtime logs it while it compares a canary with Stable. */
const MEASUREMENT = /^\s*\d+ % of the traffic · Canary: /;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** One release on its way through the workflow, line by line. */
export class ReleasePlay {
  private readonly story = new RolloutStory();
  private doing = 'build and plan';
  private beat = 0;

  constructor(private readonly options: ReleasePlayOptions) {}

  public async perform(): Promise<Omit<Ending, 'responses'>> {
    const { stage, load, watch, release, environment } = this.options;
    const beganAt = Date.now();
    const firstResponse = load.responses.length;
    const timer = setInterval(() => this.showStatus(firstResponse), STATUS_MS);
    stage.onEvent = (event, at) => this.onEvent(event, at);
    try {
      const { jobs } = await stage.run(release, `refs/tags/${release.version}`);
      const { state } = jobs[`monitor_${environment.name}`].outputs;
      this.note('confirm', state === 'stable' ? `a fresh runner asked again: ${release.version} is Stable` : 'the run ends red', state === 'stable');
      const { decision } = this.story;
      const restored = decision && watch.after(decision.decidedAt);
      return { version: release.version, state: state ?? jobs[`deploy_${environment.name}`].result, beganAt, decision, restored };
    } finally {
      clearInterval(timer);
      stage.onEvent = undefined;
    }
  }

  private onEvent(event: RunEvent, at: number): void {
    if (event.kind === 'jobEnded' && event.job === 'build') this.note('build', event.result === 'success' ? 'one artifact, whose digest is checked wherever it goes' : event.result, event.result === 'success');
    if (event.kind !== 'line') return;
    if (event.step.startsWith('plan ')) this.notePlan(event.text);
    if (MEASUREMENT.test(event.text)) this.note('measured', event.text.trim(), true);
    const change = this.story.read(event.text, at);
    if (change === 'began') this.doing = this.story.open!.title;
    if (change === 'ended') this.noteChapter(this.story.chapters.at(-1)!);
  }

  private notePlan(text: string): void {
    const plan = /would go to \S+, (.*?)\. /.exec(text);
    if (plan) this.note('plan', plan[1], true);
  }

  private noteChapter({ title, probes, note }: Chapter): void {
    const [verb, ...rest] = title.split(' ');
    if (verb === 'Prepare:' || verb === 'Confirm') return;
    const isWorse = note?.includes('worse than Stable') === true;
    const isBad = isWorse || /unhealthy|failed|did not/.test(note ?? '') || (probes.at(-1)?.isHealthy === false);
    const signs = probes.map(({ isHealthy }) => (isHealthy ? '✓' : '✗')).join('');
    const saw = isWorse ? `: ${note}` : isBad ? `: ${probes.at(-1)?.saw ?? note}` : '';
    const back = verb === 'Roll';
    this.note(back ? 'roll back' : verb.toLowerCase(), [back ? `${rest.join(' ').replace('back to', 'users are on')} again` : rest.join(' '), signs].filter(Boolean).join('  ') + saw, !isBad);
  }

  private note(what: string, text: string, isGood: boolean): void {
    const { screen, startedAt } = this.options;
    const time = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`.padStart(8);
    const style = !isGood ? 'red' : what === 'roll back' ? 'yellow' : 'green';
    screen.line(`${screen.style('dim', time)}  ${screen.style(style, what.padEnd(10))} ${text}`);
  }

  private showStatus(firstResponse: number): void {
    const { load, screen } = this.options;
    const responses = load.responses.slice(firstResponse);
    const unknown = responses.filter(isUnknown).length;
    const failed = responses.filter(isFailed).length - unknown;
    const signs = (this.story.open?.probes ?? []).map(({ isHealthy }) => (isHealthy ? '✓' : '✗')).join('');
    const users = `${responses.length - unknown} responses, ${failed} failed${unknown > 0 ? `, ${unknown} too slow to tell` : ''}`;
    screen.status(`${' '.repeat(8)}${SPINNER[this.beat++ % SPINNER.length]} ${this.doing} ${signs}  ·  users: ${users}`);
  }
}
