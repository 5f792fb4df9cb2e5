import type { MessagingEntities } from '../../shared/config/entities.js';

/** The configuration file of Microsoft's Event Hubs emulator. It lists `$Default` by itself and must not be told. */
export function toEventHubsConfig({ hubs }: Pick<MessagingEntities, 'hubs'>): object {
  return {
    UserConfig: {
      NamespaceConfig: [
        {
          Type: 'EventHub',
          Name: 'emulatorNs1', // the only name it takes
          Entities: hubs.map(({ name, partitionCount, consumerGroups }) => ({
            Name: name,
            PartitionCount: String(partitionCount),
            ...(consumerGroups.length > 0 && { ConsumerGroups: consumerGroups.map((group) => ({ Name: group })) }),
          })),
        },
      ],
      LoggingConfig: { Type: 'Console' },
    },
  };
}
