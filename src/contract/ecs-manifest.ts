export interface EcsDriverManifest {
  readonly kind: 'ecs';
  /** A name or an ARN. */
  readonly cluster: string;
  readonly service: string;
  /** The container that gets the image. @default - the only one */
  readonly container?: string;
  /** @default - the one that the AWS CLI is configured for */
  readonly region?: string;
  /** The account that the credentials must belong to. @default - any */
  readonly account?: string;
}
