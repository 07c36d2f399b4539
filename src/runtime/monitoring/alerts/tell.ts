import { faultOf } from './channel';
import { Due, dueNotices } from './due';
import { FileToldMarks } from './file-told-marks';
import { GithubToldMarks } from './github-told-marks';
import { Audience, openChannels } from './open-channels';
import { tellAll, TELLING_MS, Told } from './telling';
import { channelMark, ToldMarks } from './told-marks';
import type { ExitCode } from '../../commands/command';
import type { GithubApi } from '../../ledger/github-api';
import { escapeMarkdown } from '../../reporting/markdown';
import type { Surroundings } from '../../surroundings';

/** Who could be told nothing: a mark that no channel has, so that telling counts as done. */
const NOBODY = 'nobody';

/** Tells people what became of the last deployments, if nobody was told yet. Whatever the channels do, it succeeds: the verdict stands. */
export async function tell(surroundings: Surroundings): Promise<ExitCode> {
  const api = surroundings.api();
  const { clock, environment, log, manifest } = surroundings;
  const giveUpAt = clock.now() + TELLING_MS;
  const marks = marksOf(surroundings, api);
  const audience = openChannels(manifest.alerts ?? [], { ...slice(surroundings), api }, { clock, giveUpAt });
  try {
    const due = await dueNotices(surroundings, marks, audience);
    if (due.length === 0) log.line(`${environment.name}: nothing to tell`);
    else await tellDue(surroundings, due, marks);
  } catch (error) {
    log.warning('Nobody could be told', `The ledger does not say what is to be told: ${faultOf(error)}`);
  }
  return 0;
}

/** A copy of all of it would ask for what is made only when it is needed. */
function slice({ environment, execute, processEnv }: Surroundings): Pick<Surroundings, 'environment' | 'execute' | 'processEnv'> {
  return { environment, execute, processEnv };
}

function marksOf({ ledger, processEnv }: Surroundings, api: GithubApi | undefined): ToldMarks {
  if (api && !processEnv.DELIVERY_LEDGER) return new GithubToldMarks(api, processEnv.GITHUB_SERVER_URL);
  return new FileToldMarks(`${ledger.place}.told`);
}

async function tellDue(surroundings: Surroundings, due: readonly Due[], marks: ToldMarks): Promise<void> {
  const told = await tellAll(channelsOf(due).map((channel) => ({
    channel,
    notices: due.filter((one) => has(one.audience, channel.name)).map(({ notice }) => notice),
  })));
  for (const one of due) await mark(surroundings, one, told, marks);
  report(surroundings, told);
}

function channelsOf(due: readonly Due[]): Audience['channel'][] {
  const channels = due.flatMap(({ audience }) => audience.map(({ channel }) => channel));
  return channels.filter(({ name }, i) => channels.findIndex((other) => other.name === name) === i);
}

function has(audience: readonly Audience[], name: string): boolean {
  return audience.some(({ channel }) => channel.name === name);
}

async function mark({ log, run }: Surroundings, { notice, record, told: before }: Due, told: readonly Told[], marks: ToldMarks): Promise<void> {
  const reached = told.filter((one) => one.notice.id === notice.id && one.fault === undefined).map(({ channel }) => channelMark(channel.name));
  const all = [...new Set([...before, ...reached])];
  try {
    await marks.add(record, { writer: run.writer, told: all.length > 0 ? all : [NOBODY] });
  } catch (error) {
    log.warning('The ledger did not take who was told', `The next job may tell it again, with the same id: ${faultOf(error)}`);
  }
}

function report({ log, mask, outputs }: Surroundings, told: readonly Told[]): void {
  outputs.summary(['### 📣 Told', ...told.map((one) => `- ${escapeMarkdown(mask(sentence(one)), 500)}`)].join('\n'));
  for (const one of told) {
    if (one.fault === undefined) log.line(sentence(one));
    else log.warning('Somebody could not be told', sentence(one));
  }
}

function sentence({ channel, notice, fault }: Told): string {
  return fault === undefined ? `✅ ${channel.name}: ${notice.title}` : `⚠️ ${channel.name} could not be told (${fault}): ${notice.title}`;
}
