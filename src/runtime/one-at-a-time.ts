import { CommandArguments } from './commands/command';
import { RuntimeContext } from './context';
import { EnvironmentLockedError, InterruptedError } from './errors';
import { EventLogError, InUseError } from './event-log/event-log';
import { commandLine, placeOf } from './reporting/command-line';
import { ExitCode } from '../contract/command-line';
import { longestRestoreMs } from '../contract/time-budget';

type Free = () => void | Promise<void>;

const POLL_MS = 500;
/** How often a command that is at work looks whether it is still wanted. */
const LOOK_MS = 60_000;

/**
 * On a laptop, two commands must not recover each other's work; in CI the concurrency groups prevent that.
 *
 * @param ask asks a command that is at work to give way, and returns what to work with after it; undefined if it cannot be asked
 */
export async function alone(
  context: RuntimeContext, work: (asked?: CommandArguments) => Promise<ExitCode>, ask: () => Promise<CommandArguments | undefined>,
): Promise<ExitCode> {
  let asked: CommandArguments | undefined;
  const free = await held(context).catch(async (error: unknown) => {
    asked = error instanceof InUseError ? await ask() : undefined;
    if (!asked) throw notBegun(error, context);
    return whenFree(context);
  });
  try {
    return await work(asked);
  } finally {
    await free?.();
  }
}

/** What a person reads when nothing could begin. */
function notBegun(error: unknown, context: RuntimeContext): unknown {
  if (!(error instanceof EventLogError)) return error;
  const message = `${error.message} Nothing was changed.`;
  if (!(error instanceof InUseError)) return new EventLogError(message, { cause: error });
  return new EnvironmentLockedError(`${message} What it does: ${commandLine('status', placeOf(context))}`);
}

async function held({ environment, ledger }: RuntimeContext): Promise<Free | undefined> {
  return ledger.hold?.(environment.name);
}

/** Waits until the other command has given way: it ends a command, and restores Stable. */
async function whenFree(context: RuntimeContext): Promise<Free | undefined> {
  const { clock, environment, interrupted } = context;
  const giveUpAt = clock.now() + LOOK_MS + environment.strategy.commandTimeoutMs + longestRestoreMs(environment);
  for (;;) {
    await clock.sleep(POLL_MS, interrupted);
    if (interrupted.aborted) throw new InterruptedError();
    try {
      return await held(context);
    } catch (error) {
      if (!(error instanceof InUseError) || clock.now() >= giveUpAt) throw notBegun(error, context);
    }
  }
}
