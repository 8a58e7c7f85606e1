// What is used of the client, so that the bundle has nothing of its other hundred commands to load at a start.
export {
  CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand, PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs'

// Tested in test/sinks/cloudwatch/sink.test.ts
