import { addressSecret, ALERT_OPTIONS, AlertOptions, Channel, EXAMPLE_OPTIONS } from './channel';
import { optionsOf } from '../validation/option-types';

/**
 * Defines a channel of a chat service, whose webhook takes a message.
 *
 * @param service the name of the service in the manifest, of the factory, and in the runtime's table of chats
 * @param title the name of the service in messages
 */
export function chat(service: string, title: string, secret: string, options: AlertOptions): Channel {
  addressSecret(`Alert.${service} secret`, secret, `${service.toUpperCase()}_WEBHOOK`);
  optionsOf(`Alert.${service}`, options, ALERT_OPTIONS, EXAMPLE_OPTIONS);
  return { name: `${title} (${secret})`, secrets: [secret], settings: { kind: 'chat', service, address: secret } };
}
