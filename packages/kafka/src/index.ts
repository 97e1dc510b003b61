export type {
  Admin,
  Consumer,
  EachBatchPayload,
  IHeaders,
  ITopicMetadata,
  Kafka,
  KafkaMessage,
  Message,
  Producer,
} from 'kafkajs';
export * from './client.ts';
export * from './insist.ts';
export * from './producer.ts';
