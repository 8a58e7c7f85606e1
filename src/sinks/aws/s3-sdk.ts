// What is used of the client, so that the bundle has nothing of its other hundred commands to load at a start.
export { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'

// Tested in test/sinks/s3/sink.test.ts
