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

/** Two services behind one listener, whose weights decide which of them users reach. */
export interface EcsBlueGreenDriverManifest extends Omit<EcsDriverManifest, 'kind' | 'service'> {
  readonly kind: 'ecsBlueGreen';
  /** The service of each slot. */
  readonly services: { readonly blue: string; readonly green: string };
  /** The ARN of the listener, or of one of its rules. */
  readonly listener: string;
}
