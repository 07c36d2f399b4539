import { AlertOptions, ALERT_OPTIONS, EXAMPLE_OPTIONS } from './alert-options';
import { addressSecret, Channel } from './channel';
import { optionsOf } from '../validation/option-types';

export function discord(secret: string, options: AlertOptions): Channel {
  addressSecret('Alert.discord secret', secret, 'DISCORD_WEBHOOK');
  optionsOf('Alert.discord', options, ALERT_OPTIONS, EXAMPLE_OPTIONS);
  return { name: `Discord (${secret})`, secrets: [secret], settings: { kind: 'discord', address: secret } };
}
