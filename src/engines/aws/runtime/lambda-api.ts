import { AliasSplit, AliasState } from './lambda-alias';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { isObject, textIn } from '../../../runtime/json-value';
import { EngineError } from '../../../runtime/targets/engine-error';

/** A published version. It never changes. */
export interface PublishedVersion {
  readonly version: string;
  readonly description: string;
  readonly codeSha256: string;
}

/** The part of the function that `update-function-code` changes. */
export interface LatestCode {
  readonly codeSha256: string;
  readonly revisionId: string;
  readonly description: string;
  readonly packageType: string;
  readonly lastUpdateStatus: string;
  readonly reason: string;
}

/** An upload of at most 50 MB. */
const UPLOAD_TIMEOUT_MS = 120_000;
/** A function runs at most 15 minutes; the command's own time limit comes first as a rule. */
const INVOKE_TIMEOUT_MS = 15 * 60_000;

/** What the calls name. */
interface Names {
  readonly alias: string;
  readonly functionName: string;
}

/** The calls of one function, typed. Rejects with `EngineError` and `InterruptedError`. */
export class LambdaApi {
  constructor(private readonly cli: AwsCli, private readonly names: Names, private readonly giveUpAt: number) {}

  public async account(): Promise<string> {
    return textIn(await this.cli.read({ service: 'sts', operation: 'get-caller-identity', args: [], query: '{account:Account}', giveUpAt: this.giveUpAt }), 'account');
  }

  public async latest(): Promise<LatestCode> {
    const query = '{codeSha256:CodeSha256,revisionId:RevisionId,description:Description,packageType:PackageType,lastUpdateStatus:LastUpdateStatus,reason:LastUpdateStatusReason}';
    const found = await this.read('get-function-configuration', [], query);
    return {
      codeSha256: textIn(found, 'codeSha256'),
      revisionId: textIn(found, 'revisionId'),
      description: textIn(found, 'description'),
      packageType: textIn(found, 'packageType'),
      lastUpdateStatus: textIn(found, 'lastUpdateStatus'),
      reason: textIn(found, 'reason'),
    };
  }

  public async published(version: string): Promise<{ readonly description: string; readonly state: string; readonly reason: string }> {
    const found = await this.read('get-function-configuration', ['--qualifier', version], '{description:Description,state:State,reason:StateReason}');
    return { description: textIn(found, 'description'), state: textIn(found, 'state'), reason: textIn(found, 'reason') };
  }

  public async alias(): Promise<AliasState> {
    const found = await this.read('get-alias', ['--name', this.names.alias], '{version:FunctionVersion,revisionId:RevisionId,weights:RoutingConfig.AdditionalVersionWeights}');
    const weights = isObject(found) && isObject(found.weights) ? found.weights as Record<string, number> : {};
    return { version: textIn(found, 'version'), revisionId: textIn(found, 'revisionId'), weights };
  }

  public async versions(): Promise<PublishedVersion[]> {
    const found = await this.read('list-versions-by-function', [], 'Versions[].{version:Version,description:Description,codeSha256:CodeSha256}');
    if (!Array.isArray(found)) throw new EngineError('rejected', 'lambda list-versions-by-function printed no list');
    const all = found.map((one) => ({ version: textIn(one, 'version'), description: textIn(one, 'description'), codeSha256: textIn(one, 'codeSha256') }));
    return all.filter(({ version }) => version !== '$LATEST');
  }

  public async upload(zip: string, revisionId: string): Promise<void> {
    await this.write('update-function-code', ['--zip-file', `fileb://${zip}`, '--revision-id', revisionId], '{version:Version}', UPLOAD_TIMEOUT_MS);
  }

  /** The digest of the image that `$LATEST` runs, in hex. */
  public async imageDigest(): Promise<string> {
    const image = textIn(await this.read('get-function', [], '{image:Code.ResolvedImageUri}'), 'image');
    return /@sha256:([0-9a-f]{64})$/.exec(image)?.[1] ?? '';
  }

  public async useImage(image: string, revisionId: string): Promise<void> {
    await this.write('update-function-code', ['--image-uri', image, '--revision-id', revisionId], '{version:Version}');
  }

  public async describe(description: string, revisionId: string): Promise<void> {
    await this.write('update-function-configuration', ['--description', description, '--revision-id', revisionId], '{version:Version}');
  }

  /** Returns the version's description: an older one if nothing has changed since that version. */
  public async publish(description: string, codeSha256: string, revisionId: string): Promise<string> {
    const args = ['--description', description, '--code-sha256', codeSha256, '--revision-id', revisionId];
    return textIn(await this.write('publish-version', args, '{description:Description}'), 'description');
  }

  /** Moves all traffic of the alias, if no one changed it since `revisionId`. */
  public async moveAlias(version: string, revisionId: string): Promise<void> {
    const args = ['--name', this.names.alias, '--function-version', version, '--routing-config', '{"AdditionalVersionWeights":{}}', '--revision-id', revisionId];
    await this.write('update-alias', args, '{version:FunctionVersion}');
  }

  /** Sends a share of the alias's traffic to another version, if no one changed it since `revisionId`. */
  public async splitAlias({ added, base, weight }: AliasSplit, revisionId: string): Promise<void> {
    const routing = JSON.stringify({ AdditionalVersionWeights: { [added]: weight / 100 } });
    const args = ['--name', this.names.alias, '--function-version', base, '--routing-config', routing, '--revision-id', revisionId];
    await this.write('update-alias', args, '{version:FunctionVersion}');
  }

  /** Returns the error that the function reports; empty if there is none. The response goes into a file. */
  public async invoke(version: string, files: { readonly event: string; readonly response: string }): Promise<string> {
    const args = ['--qualifier', version, '--payload', `fileb://${files.event}`, files.response];
    return textIn(await this.write('invoke', args, '{error:FunctionError}', INVOKE_TIMEOUT_MS), 'error');
  }

  private read(operation: string, args: readonly string[], query: string): Promise<unknown> {
    return this.cli.read(this.callOf(operation, args, query));
  }

  private write(operation: string, args: readonly string[], query: string, timeoutMs?: number): Promise<unknown> {
    return this.cli.write({ ...this.callOf(operation, args, query), timeoutMs });
  }

  private callOf(operation: string, args: readonly string[], query: string) {
    return { service: 'lambda', operation, args: ['--function-name', this.names.functionName, ...args], query, giveUpAt: this.giveUpAt };
  }
}
