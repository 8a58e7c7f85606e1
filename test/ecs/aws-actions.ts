/**
 * The permissions that each name of the AWS SDK in the source needs. What is found in the source and not here fails the
 * test: add it with its action, to a policy in docker/ecs/iam, and with its reason to docker/ecs/README.md.
 *
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
export const actionsOfName: Readonly<Record<string, readonly string[]>> = {
  CloudWatchLogsClient: [],
  S3Client: [],
  STSClient: [],
  fromTemporaryCredentials: ['sts:AssumeRole'],
  // Of the role's own credentials: what it asks needs no permission.
  fromNodeProviderChain: [],
  // Nobody needs a permission to ask who he is.
  GetCallerIdentityCommand: [],
  PutLogEventsCommand: ['logs:PutLogEvents'],
  CreateLogStreamCommand: ['logs:CreateLogStream'],
  CreateLogGroupCommand: ['logs:CreateLogGroup'],
  PutRetentionPolicyCommand: ['logs:PutRetentionPolicy'],
  PutObjectCommand: ['s3:PutObject'],
  // Of an operator: `sluice replay`.
  GetObjectCommand: ['s3:GetObject'],
  ListObjectsV2Command: ['s3:ListBucket'],
}

/** The permissions that members of a request need besides that of the request. */
export const actionsOfMember: Readonly<Record<string, readonly string[]>> = {
  // The key's own policy lets CloudWatch Logs use it: who makes the group needs nothing for it.
  'CreateLogGroup.kmsKeyId': [],
  'CreateLogGroup.logGroupClass': [],
  'CreateLogGroup.logGroupName': [],
  'CreateLogGroup.tags': ['logs:TagResource'],
  'CreateLogStream.logGroupName': [],
  'CreateLogStream.logStreamName': [],
  'GetObject.Bucket': [],
  'GetObject.Key': [],
  'ListObjectsV2.Bucket': [],
  'ListObjectsV2.ContinuationToken': [],
  'ListObjectsV2.Prefix': [],
  'PutLogEvents.entity': [],
  'PutLogEvents.logEvents': [],
  'PutLogEvents.logGroupName': [],
  'PutLogEvents.logStreamName': [],
  'PutObject.ACL': ['s3:PutObjectAcl'],
  'PutObject.Body': [],
  'PutObject.Bucket': [],
  'PutObject.BucketKeyEnabled': [],
  'PutObject.CacheControl': [],
  'PutObject.ChecksumAlgorithm': [],
  'PutObject.ContentEncoding': [],
  'PutObject.ContentType': [],
  'PutObject.ExpectedBucketOwner': [],
  'PutObject.IfNoneMatch': [],
  'PutObject.Key': [],
  'PutObject.Metadata': [],
  'PutObject.SSEKMSKeyId': ['kms:GenerateDataKey'],
  'PutObject.ServerSideEncryption': ['kms:GenerateDataKey'],
  'PutObject.StorageClass': [],
  'PutObject.Tagging': ['s3:PutObjectTagging'],
  'PutRetentionPolicy.logGroupName': [],
  'PutRetentionPolicy.retentionInDays': [],
}
