import { Duration } from '../../src';
import { Metric } from '../../src/analysis/metric';

describe('Metric.command', () => {
  test('is a shell line, with times', () => {
    expect(Metric.command('./counters\n --json')._manifest).toEqual({
      kind: 'command', name: './counters --json', command: { kind: 'bash', line: './counters\n --json' }, intervalMs: 5_000, timeoutMs: 30_000, lateMs: 60_000,
    });
    expect(Metric.command('x', { interval: Duration.seconds(10), timeout: Duration.seconds(3), maxAge: Duration.minutes(2) })._manifest)
      .toMatchObject({ intervalMs: 10_000, timeoutMs: 3_000, lateMs: 120_000 });
  });

  test.each<[string, () => Metric, string]>([
    ['no line', () => Metric.command(' '), 'Metric.command line: \' \' is not a shell line. Write the command line that bash runs'],
    ['an expression', () => Metric.command('./counters ${{ secrets.TOKEN }}'), 'Metric.command line: \'./counters ${{ secrets.TOKEN }}\' contains an expression'],
    ['an unknown option', () => Metric.command('x', { intervall: 5 } as object), 'Metric.command intervall: there is no such option. Did you mean'],
    ['an interval that is too short', () => Metric.command('x', { interval: Duration.millis(500) }), 'Metric.command interval: 500 ms is shorter than 1 second'],
    ['a number as a time', () => Metric.command('x', { timeout: 5 as unknown as Duration }), 'Metric.command timeout: 5 is not a Duration. Write Duration.seconds(5)'],
    ['no age at all', () => Metric.command('x', { maxAge: Duration.seconds(0) }), 'Metric.command maxAge: 0 s is not a positive duration'],
  ])('rejects %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
