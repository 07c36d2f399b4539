import { localTime, timeZoneName, weeklyTime } from './wall-clock';
import { FreezeManifest } from '../contract/manifest';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for a freeze: its time zone and reason.
 */
export interface FreezeOptions {
  /**
   * The time zone of the times, as a name of the IANA database: `Europe/Berlin`. When daylight saving time starts or ends, the freeze
   * follows local time.
   *
   * @see https://www.iana.org/time-zones
   * @default 'UTC'
   */
  readonly timeZone?: string;

  /**
   * The reason, which is shown when nothing is deployed: one line of at most 200 characters.
   *
   * @default - none
   */
  readonly reason?: string;
}

const FREEZE_OPTIONS: OptionNames<FreezeOptions> = { timeZone: true, reason: true };

/**
 * A period in which nothing is deployed to an environment. The plan reports it and the run succeeds. A deployment that is approved during
 * the freeze deploys nothing either. After the freeze, run the workflow again or push the next commit.
 *
 * A freeze stops deployments, never rollbacks, neither automatic ones nor those by hand. In an emergency, lift it with `npx projen
 * delivery unfreeze <environment> --reason '...'` (or the action `unfreeze` of the workflow `rollback`). This lifts the current freeze
 * until its end, and is recorded with person and reason.
 */
export class Freeze {
  /**
   * Repeats every week from one time to another, across the end of the week if necessary: `Freeze.weekly('Fri 16:00', 'Mon 07:00')`.
   *
   * @param begin weekday and time of the start, 24 hours: `Fri 16:00`
   * @param end weekday and time of the end
   * @param options time zone and reason
   */
  public static weekly(begin: string, end: string, options: FreezeOptions = {}): Freeze {
    const [from, until] = [weeklyTime('Freeze.weekly begin', begin), weeklyTime('Freeze.weekly end', end)];
    if (from.weekday === until.weekday && from.minute === until.minute) {
      invalid('Freeze.weekly end', `${show(end)} is when it begins, so it would be over at once or never`, 'Give the time from which deploys are welcome again');
    }
    return new Freeze({ kind: 'weekly', from, until, ...zoneAndReason('Freeze.weekly', options) });
  }

  /**
   * Applies once, from one time to another: `Freeze.between('2026-12-24 00:00', '2027-01-02 00:00')`.
   *
   * @param begin date and time of the start, 24 hours: `2026-12-24 00:00`
   * @param end date and time of the end
   * @param options time zone and reason
   */
  public static between(begin: string, end: string, options: FreezeOptions = {}): Freeze {
    const [from, until] = [localTime('Freeze.between begin', begin), localTime('Freeze.between end', end)];
    if (until <= from) invalid('Freeze.between end', `${show(end)} is not after ${show(begin)}`, 'Give the earlier time first');
    return new Freeze({ kind: 'between', from, until, ...zoneAndReason('Freeze.between', options) });
  }

  /** @internal */
  public readonly _manifest: FreezeManifest;

  private constructor(manifest: FreezeManifest) {
    this._manifest = manifest;
  }
}

function zoneAndReason(option: string, options: FreezeOptions) {
  const { timeZone = 'UTC', reason } = optionsOf(option, options, FREEZE_OPTIONS, '{ timeZone: \'Europe/Berlin\' }');
  if (reason !== undefined && (typeof reason !== 'string' || !/^[^\p{Cc}\p{Cs}\p{Bidi_Control}]{1,200}$/u.test(reason))) {
    invalid(`${option} reason`, `${show(reason)} cannot be shown in a notice`, 'Give 1 to 200 characters on one line');
  }
  return { timeZone: timeZoneName(`${option} timeZone`, timeZone), reason };
}
