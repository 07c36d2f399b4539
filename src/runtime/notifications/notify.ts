import { faultOf } from './channel';
import { alertsOf, openChannels } from './channels/open-channels';
import { Due, dueNotices } from './due-notifications';
import { channelMark, ToldMarks } from './notification-log';
import { tellAll, TELLING_MS, Told } from './send';
import { GithubToldMarks } from '../ci/github/notification-log';
import { FileToldMarks } from '../ci/local/notification-log';
import type { ExitCode } from '../commands/command';
import type { Surroundings } from '../context';
import { escapeMarkdown } from '../reporting/markdown';

/** Who could be told nothing: a mark that no channel has, so that telling counts as done. */
const NOBODY = 'nobody';

/** Tells people what became of the last deployments, if nobody was told yet. Whatever the channels do, it succeeds: the verdict stands. */
export async function tell(surroundings: Surroundings): Promise<ExitCode> {
  const { environment, log } = surroundings;
  const marks = marksOf(surroundings);
  try {
    const due = await dueNotices(surroundings, marks, alertsOf(surroundings));
    if (due.length === 0) log.line(`${environment.name}: nothing to tell`);
    else await tellDue(surroundings, due, marks);
  } catch (error) {
    log.warning('Nobody could be told', `The ledger does not say what is to be told: ${faultOf(error)}`);
  }
  return 0;
}

function marksOf({ api: open, ledger, processEnv }: Surroundings): ToldMarks {
  const api = open();
  if (api && !processEnv.DELIVERY_LEDGER) return new GithubToldMarks(api, processEnv.GITHUB_SERVER_URL);
  return new FileToldMarks(`${ledger.place}.told`);
}

async function tellDue(surroundings: Surroundings, due: readonly Due[], marks: ToldMarks): Promise<void> {
  const { clock } = surroundings;
  const alerts = alertsOf(surroundings).filter(({ name }) => due.some(({ audience }) => has(audience, name)));
  const channels = openChannels(alerts, surroundings, { clock, giveUpAt: clock.now() + TELLING_MS });
  const told = await tellAll(channels.map((channel) => ({
    channel,
    notices: due.filter(({ audience }) => has(audience, channel.name)).map(({ notice }) => notice),
  })));
  for (const one of due) await mark(surroundings, one, told, marks);
  report(surroundings, told);
}

function has(audience: Due['audience'], name: string): boolean {
  return audience.some((alert) => alert.name === name);
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
