import { closedMinutes, countsIn, lambdaMetrics, METRIC_DATA_QUERY, queriesFor, SideMetrics, targetGroupMetrics } from './cloudwatch-data';
import type { MetricContext, MetricSource } from './metric-source';
import { NoDataError, scrapeWithin } from './no-data';
import { CloudWatchMetricManifest } from '../../contract/metric-manifest';
import { Scrape } from '../analysis/counters';
import { AwsCli } from '../aws/aws-cli';
import { isObject, isText } from '../json-value';
import { safeLine } from '../reporting/untrusted-text';
import { EngineError, EngineErrorKind } from '../targets/engine-error';

interface SidesOfMetrics extends Record<string, SideMetrics> {
  readonly canary: SideMetrics;
  readonly stable: SideMetrics;
}

/** Reads CloudWatch with the AWS CLI. The counters are the sums of all minutes that are over since the first scrape. */
export class CloudWatchMetricSource implements MetricSource {
  private firstMs?: number;
  private metrics?: SidesOfMetrics;

  constructor(private readonly manifest: CloudWatchMetricManifest, private readonly context: MetricContext) {}

  public scrape(signal: AbortSignal): Promise<Scrape> {
    const { timeoutMs } = this.manifest;
    return scrapeWithin('CloudWatch', timeoutMs, this.context, signal, async (end, atMs) => {
      const cli = this.cliFor(end);
      const giveUpAt = atMs + timeoutMs;
      try {
        this.metrics ??= await this.find(cli, giveUpAt);
        const minutes = closedMinutes(this.firstMs ??= atMs, atMs);
        const args = queriesFor(this.metrics, minutes);
        const output = await cli.read({ service: 'cloudwatch', operation: 'get-metric-data', args, query: METRIC_DATA_QUERY, giveUpAt });
        const { canary, stable } = this.metrics;
        return {
          canary: { ...countsIn(output, 'canary', 'Canary', canary, minutes), measuredAtMs: minutes.toMs },
          stable: { ...countsIn(output, 'stable', 'Stable', stable, minutes), measuredAtMs: minutes.toMs },
        };
      } catch (error) {
        if (error instanceof EngineError) throw unreadable(error);
        throw error;
      }
    });
  }

  /** The versions that share the traffic keep their numbers during a canary. */
  private async find(cli: AwsCli, giveUpAt: number): Promise<SidesOfMetrics> {
    const { lambda, targetGroups } = this.manifest;
    if (targetGroups) {
      const { loadBalancer } = targetGroups;
      const groupOf = ({ slot }: { readonly slot?: string }) => {
        if (slot === 'blue' || slot === 'green') return targetGroupMetrics(loadBalancer, targetGroups[slot]);
        throw new NoDataError('the release has no slot, so its target group is not known');
      };
      return { canary: groupOf(this.context.canary), stable: groupOf(this.context.stable) };
    }
    const { alias, functionName } = lambda!;
    const args = ['--function-name', functionName, '--name', alias];
    const found = await cli.read({ service: 'lambda', operation: 'get-alias', args, query: '{version:FunctionVersion,weights:RoutingConfig.AdditionalVersionWeights}', giveUpAt });
    const { version, weights } = isObject(found) ? found : {};
    const [added, ...more] = isObject(weights) ? Object.keys(weights) : [];
    if (!isText(version) || added === undefined || more.length > 0) throw new NoDataError(`the alias ${functionName}:${alias} does not share its traffic between two versions`);
    return { canary: lambdaMetrics(functionName, alias, added), stable: lambdaMetrics(functionName, alias, version) };
  }

  private cliFor(signal: AbortSignal): AwsCli {
    const { execute, ...context } = this.context;
    return new AwsCli({
      ...context,
      interrupted: signal,
      // the next scrape shows what went wrong
      log: { line: () => undefined },
      execute: (command, options) => execute(command, { ...options, signal }),
    }, this.manifest.region);
  }
}

/** What a person does about an error, by its kind. */
const PROBLEMS: Partial<Record<EngineErrorKind, string>> = {
  signedOut: 'the job is not signed in to AWS',
  accessDenied: 'the role may not read the metrics',
  cliMissing: 'the AWS CLI is missing or too old',
  notFound: 'AWS does not know the function or its alias',
};

function unreadable({ kind, message }: EngineError): NoDataError {
  return new NoDataError(`${PROBLEMS[kind] ?? 'CloudWatch did not respond'} (${safeLine(message, 200)})`);
}
