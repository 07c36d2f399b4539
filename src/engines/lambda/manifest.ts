export interface LambdaDriverManifest {
  readonly kind: 'lambda';
  readonly functionName: string;
  /** The alias that users invoke. */
  readonly alias: string;
  /** The zip file, relative to the project's directory. @default - the function runs the release's container image */
  readonly code?: string;
  /** @default - the one that the AWS CLI is configured for */
  readonly region?: string;
  /** The account that the credentials must belong to. @default - any */
  readonly account?: string;
  /** The event that a new version is invoked with before users see it. @default - it is not invoked */
  readonly testEvent?: unknown;
}
