import { CliStandIn } from './cli-stand-in';

/**
 * An alarm of CloudWatch about a service whose errors are counted in the file `errors` of its folder. As the real one, it is late: the first
 * look after an error still shows OK, the next two show ALARM, and after that it is OK again.
 */
export class AlarmStandIn extends CliStandIn {
  constructor(folder: string, private readonly alarm: string) {
    super(folder);
    this.reset();
  }

  public reset(): void {
    this.forget();
    const alarm = { name: this.alarm, type: 'MetricAlarm', value: 'OK', changed: '2026-01-01T00:00:00Z', reason: '', isLate: true, errors: 0, looks: 0 };
    this.write('alarms.json', JSON.stringify([alarm]));
  }
}
