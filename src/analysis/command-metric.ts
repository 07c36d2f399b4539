import { METRIC_OPTIONS, MetricOptions, metricTimes } from './metric-options';
import { CommandMetricManifest } from '../contract/metric-manifest';
import { shellLine } from '../targets/commands';
import { OptionNames, optionsOf } from '../validation/option-types';

/**
 * Options for a metric source that is a command: how often it runs, and for how long.
 */
export interface CommandMetricOptions extends MetricOptions {}

const COMMAND_METRIC_OPTIONS: OptionNames<CommandMetricOptions> = METRIC_OPTIONS;

export function commandMetric(line: string, options: CommandMetricOptions): CommandMetricManifest {
  optionsOf('Metric.command', options, COMMAND_METRIC_OPTIONS, '{ interval: Duration.seconds(10) }');
  const checked = shellLine('Metric.command line', line);
  return {
    kind: 'command',
    name: checked.replace(/[\p{Cc}\s]+/gu, ' ').trim().slice(0, 100),
    ...metricTimes('Metric.command', options, { timeoutMs: 30_000 }),
    command: { kind: 'bash', line: checked },
  };
}
