import type { ConfigOf, SettingTree } from './setting.ts'

// Settings that a container may have for itself as well.

const logGroup = {
  type: 'string',
  default: '',
  example: '/ecs/shop/errors',
  // Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
  pattern: /^(?!aws\/)[\w\-/.#]{0,512}$/,
  allowed: 'up to 512 letters, digits, `_`, `-`, `/`, `.` and `#`, not beginning with `aws/`',
  doc: 'CloudWatch Logs group that error records go to. Empty: they go to files.',
} as const

const bucket = {
  type: 'string',
  default: '',
  example: 'shop-logs',
  // Buckets of before 2018 may be longer, and have capitals and underscores.
  // Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  pattern: /^(?:[A-Za-z0-9][\w.-]{1,253}[A-Za-z0-9]|arn:[\w.:/-]{1,512})?$/,
  allowed: 'the name of a bucket without `s3://` and without a path, or the ARN of an access point',
  doc: 'S3 bucket that access and app records go to. Empty: they go to files.',
} as const

const compression = {
  type: 'choice',
  default: 'gzip',
  choices: ['gzip', 'zstd', 'none'],
  example: 'zstd',
  doc: 'Compression of objects; the key\'s `{ext}` follows.',
} as const

const objectKey = {
  type: 'template',
  default: '{prefix}{class}/dt=%Y-%m-%d/hour=%H/{task}-{segment}.ndjson.{ext}',
  names: ['prefix', 'class', 'container', 'task', 'cluster', 'family', 'revision', 'az', 'segment', 'ext'],
  required: ['segment'],
  example: '{class}/{container}/%Y/%m/%d/{segment}.ndjson.{ext}',
  doc: 'Key of an object. Times are the UTC hour of its records. A value that is not known is `_`.',
} as const

const streamName = {
  type: 'template',
  default: '{container}/{task}/{class}',
  names: ['class', 'container', 'task', 'date', 'cluster', 'family', 'revision', 'az'],
  required: [],
  example: '{container}/{task}',
  doc: 'Name of the log stream. A value that is not known is left out, as `{cluster}`, `{family}`, `{revision}` and `{az}` are outside of ECS.',
} as const

const createGroup = {
  type: 'boolean',
  default: false,
  example: 'true',
  doc: 'Whether to make the group when it is missing. Needs `logs:CreateLogGroup`, and `logs:PutRetentionPolicy` for a retention.',
} as const

const retentionDays = {
  type: 'integer',
  default: 0,
  min: 0,
  max: 3653,
  // Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  values: [
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
  ],
  example: '90',
  doc: 'Days for which a group that Sluice makes keeps its events; 0 for ever.',
} as const

const groupClass = {
  type: 'choice',
  default: 'STANDARD',
  // DELIVERY is for what Lambda writes.
  choices: ['STANDARD', 'INFREQUENT_ACCESS', 'ESSENTIALS'],
  example: 'INFREQUENT_ACCESS',
  doc: 'Class of a group that Sluice makes. It cannot be changed later.',
} as const

const storageClass = {
  type: 'choice',
  default: 'bucket',
  choices: [
    'bucket', 'STANDARD', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE',
  ],
  example: 'INTELLIGENT_TIERING',
  doc: 'Storage class of objects; `bucket` sends none. The cheaper classes bill at least 128 KiB an object (`INTELLIGENT_TIERING` does not move smaller ones) and 30 to 180 days; what is in `GLACIER` and `DEEP_ARCHIVE` must be restored before anybody, Athena too, can read it.',
} as const

const roleArn = {
  type: 'string',
  default: '',
  example: 'arn:aws:iam::123456789012:role/log-writer',
  pattern: /^(?:arn:aws[a-z-]{0,20}:iam::\d{12}:role\/[\w+=,.@/-]{1,576})?$/,
  allowed: 'the ARN of a role, `arn:aws:iam::123456789012:role/name`',
  doc: 'Role to assume with the credentials found. Empty: none.',
} as const

const region = {
  type: 'string',
  default: '',
  example: 'ap-northeast-1',
  pattern: /^(?:[a-z]{2}(?:-[a-z]+){1,3}-\d{1,2})?$/,
  allowed: 'the name of a region',
  doc: 'Region of the destination. Empty: as every SDK of AWS finds it, `AWS_REGION`.',
} as const

const include = {
  type: 'list',
  isRegex: true,
  allowed: 'regular expressions of JavaScript',
  default: [],
  example: 'GET /api/',
  doc: 'Regular expressions that a record must match, every one; another is filtered by rule `include-pattern`, and counted. They see the whole record, joined, up to 64 KiB. In a variable none can hold a comma.',
} as const

const exclude = {
  type: 'list',
  isRegex: true,
  allowed: 'regular expressions of JavaScript',
  default: [],
  example: 'ELB-HealthChecker',
  doc: 'Regular expressions that a record must not match, not one; it is filtered by rule `exclude-pattern`, and counted.',
} as const

/**
 * A tag of S3 or of CloudWatch Logs; the first `=` ends its key.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 */
const tag = {
  pattern: /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/+@-]{1,128}=[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/iu,
  allowed: '`key=value`, keys of 1 to 128 and values of up to 256 letters, digits, spaces and `_.:/+@-`, values also `=`, keys not beginning with `aws:`',
} as const

/**
 * Every setting: the one place where its name, type, default and meaning are written. The type `Config`, the checks,
 * the environment variables, docs/configuration.md, config/schema.json and config/default.yaml are made of it.
 */
export const settings = {
  unixSocket: {
    type: 'path',
    default: '/var/run/fluent.sock',
    example: '.sluice/fluent.sock',
    canBeOff: true,
    // Linux takes 107 bytes and a zero. Source: https://man7.org/linux/man-pages/man7/unix.7.html
    maxLength: 107,
    doc: 'Unix socket on which the Forward protocol is spoken. The default is where FireLens and the container agent expect it.',
  },
  unixSocketMode: {
    type: 'mode',
    default: '0777',
    example: '0660',
    doc: 'Permissions of the unix socket. The log driver connects as another user, hence the open default.',
  },
  tcp: {
    type: 'address',
    default: '127.0.0.1:24224',
    example: '0.0.0.0:24224',
    canBeOff: true,
    doc: 'TCP address on which the Forward protocol is spoken. Whoever reaches it can write logs.',
  },
  http: {
    type: 'address',
    default: '0.0.0.0:2020',
    example: '127.0.0.1:2020',
    canBeOff: true,
    doc: 'Address of the health, status and metrics pages.',
  },
  dataDir: {
    type: 'path',
    default: '/var/lib/sluice',
    example: '.sluice/data',
    doc: 'Directory of the spool and of what is delivered to files. What is in it survives a restart, if it does.',
  },
  hostId: {
    type: 'string',
    default: '',
    example: 'web-1',
    pattern: /^(?!\.{1,2}$)[\w.-]{0,128}$/,
    allowed: 'up to 128 letters, digits, `.`, `_` and `-`',
    doc: 'Name of this instance: its directory in `dataDir`, and `{task}` in keys and stream names. Empty: the host\'s name.',
  },
  logGroup,
  bucket,
  prefix: {
    type: 'string',
    default: '',
    example: 'production/',
    doc: 'What the keys of objects begin with; a slash, where one is wanted, is part of it.',
  },

  enrich: {
    type: 'list',
    default: [],
    choices: [
      'ecs_cluster', 'ecs_task_arn', 'ecs_task_definition', 'ecs_task_family', 'ecs_task_revision', 'ecs_availability_zone',
      'ec2_instance_id',
    ],
    unique: 'item',
    example: 'ecs_cluster,ecs_task_arn,ecs_task_definition',
    doc: 'Fields of ECS that are added to access records, and to error records with `error.format: json`. One that nothing tells is left out. Name none that your LogFormat writes itself: it would stand twice, which Athena may refuse.',
  },

  forward: {
    doc: 'Limits on what a sender may claim, checked before memory is taken. A frame over a limit closes its connection, nothing else.',
    settings: {
      maxFrameBytes: {
        type: 'size',
        default: '8MiB',
        min: '64KiB',
        max: '256MiB',
        example: '16MiB',
        doc: 'Largest frame as it is sent.',
      },
      maxDecompressedBytes: {
        type: 'size',
        default: '64MiB',
        min: '64KiB',
        max: '1GiB',
        example: '128MiB',
        doc: 'Largest content of a compressed frame.',
      },
      maxNesting: {
        type: 'integer',
        default: 32,
        min: 4,
        max: 256,
        example: '16',
        doc: 'Most levels of maps and arrays within each other.',
      },
      maxItems: {
        type: 'integer',
        default: 1048576,
        min: 1024,
        max: 16777216,
        example: '65536',
        doc: 'Most elements of one map or array: also the most records of one frame in Forward mode.',
      },
      maxConnections: {
        type: 'integer',
        default: 1024,
        min: 1,
        max: 65536,
        example: '64',
        doc: 'Most connections on each log socket; one more is closed at once.',
      },
      readPause: {
        type: 'duration',
        default: '25ms',
        min: '0ms',
        max: '1s',
        example: '100ms',
        doc: 'Pause after a read that did not fill its buffer. Longer costs less CPU; `0ms` wakes for every line.',
      },
    },
  },

  stdin: {
    doc: 'Lines from standard input (`--stdin`).',
    settings: {
      maxLineBytes: {
        type: 'size',
        default: '1MiB',
        min: '1KiB',
        max: '64MiB',
        example: '256KiB',
        doc: 'Longest line; a longer one goes on as counted parts.',
      },
      wait: {
        type: 'choice',
        default: 'auto',
        choices: ['auto', 'always', 'briefly'],
        example: 'always',
        doc: 'How long reading waits while a quota or the write buffers are full. `always`: until there is room again, so that nothing is dropped; who writes to a pipe waits too. `briefly`: `spool.maxStall`, then lines are dropped and counted. `auto`: a file waits always, anything else briefly.',
      },
    },
  },

  join: {
    doc: 'Putting together again what was cut. A join that reaches a bound is delivered as it is, and counted.',
    settings: {
      partials: {
        doc: 'Lines that the container engine cut at 16 KiB.',
        settings: {
          maxBytes: {
            type: 'size',
            default: '1MiB',
            min: '16KiB',
            max: '64MiB',
            example: '4MiB',
            doc: 'Longest line; a longer one goes on as counted parts.',
          },
          maxAge: {
            type: 'duration',
            default: '5s',
            min: '100ms',
            max: '1m',
            example: '2s',
            doc: 'How long to wait for the last piece. Until then the pieces are in memory only.',
          },
          maxOpen: {
            type: 'integer',
            default: 256,
            min: 1,
            max: 65536,
            example: '64',
            doc: 'Most lines being joined at a time; the oldest is delivered when one more begins.',
          },
          maxTotalBytes: {
            type: 'size',
            default: '16MiB',
            min: '64KiB',
            max: '1GiB',
            example: '4MiB',
            doc: 'Most memory that all pieces take.',
          },
        },
      },
      traces: {
        doc: 'Errors that PHP writes in several lines: a trace becomes one record.',
        settings: {
          maxBytes: {
            type: 'size',
            default: '1MiB',
            min: '4KiB',
            max: '64MiB',
            example: '256KiB',
            doc: 'Longest record.',
          },
          maxLines: {
            type: 'integer',
            default: 1000,
            min: 2,
            max: 100000,
            example: '500',
            doc: 'Most lines of a record.',
          },
          maxQuiet: {
            type: 'duration',
            default: '1s',
            min: '10ms',
            max: '1m',
            example: '500ms',
            doc: 'A record is whole when none of its lines came for this long. Until then its lines are in memory only.',
          },
          maxAge: {
            type: 'duration',
            default: '5s',
            min: '100ms',
            max: '1m',
            example: '2s',
            doc: 'Longest time that the first line of a record waits, while more keep coming.',
          },
          maxOpen: {
            type: 'integer',
            default: 256,
            min: 1,
            max: 65536,
            example: '64',
            doc: 'Most records being joined at a time; the oldest is delivered when one more begins.',
          },
          maxTotalBytes: {
            type: 'size',
            default: '16MiB',
            min: '64KiB',
            max: '1GiB',
            example: '4MiB',
            doc: 'Most memory that all open records take.',
          },
        },
      },
    },
  },

  access: {
    doc: 'What makes a line of standard output an access line: a JSON object with at least one key of each list.',
    settings: {
      format: {
        type: 'choice',
        default: 'auto',
        choices: ['auto', 'json', 'combined', 'vhost_combined', 'common'],
        example: 'combined',
        doc: 'Format of access lines. The plain formats of Apache are made into JSON with its usual names; `auto` knows all.',
      },
      statusKeys: {
        type: 'list',
        default: ['status', 'status_code', 'statusCode', 'response_code', 'responseCode', 'http_status', 'httpStatus', 'response', 'response_status', 'sc_status', 'sc-status', 'http.response.status_code', 'http', 'httpRequest', '@fields'],
        example: 'status,st',
        doc: 'Keys that hold the status of the answer, or the object that holds it.',
      },
      requestKeys: {
        type: 'list',
        default: ['request', 'method', 'path', 'uri', 'url', 'request_method', 'requestMethod', 'request_uri', 'requestURI', 'requestUri', 'request_url', 'requestUrl', 'request_path', 'requestPath', 'request_line', 'requestLine', 'http_method', 'httpMethod', 'verb', 'cs_method', 'cs-method', 'cs_uri_stem', 'cs-uri-stem', 'http.request.method', 'url.path', 'url.original', 'http', 'httpRequest', '@fields'],
        example: 'request,rq',
        doc: 'Keys that hold the method, the path or the whole first line of the request.',
      },
    },
  },

  error: {
    doc: 'What becomes of error records. Each is a whole trace where PHP writes one in several lines.',
    settings: {
      format: {
        type: 'choice',
        default: 'text',
        choices: ['text', 'json'],
        example: 'json',
        doc: '`text`: the line or trace, readable. `json`: its fields (time, level, origin, code, exception, file, line, client, message, trace, fingerprint, …) as one JSON object, for Insights and metric filters; one that would be longer than `events.maxMessageBytes` is sent as text.',
      },
      minLevel: {
        type: 'choice',
        default: 'debug',
        choices: ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'],
        example: 'warn',
        doc: 'Records of a lower level are filtered by rule `below-level`, and counted. A line that tells no level is always kept.',
      },
      fpmTwins: {
        type: 'choice',
        default: 'keep',
        choices: ['keep', 'drop'],
        example: 'drop',
        doc: 'php-fpm reports an error twice: itself, and through Apache (AH01071). `drop` filters whichever comes second, by rule `fpm-twin`.',
      },
    },
  },

  filter: {
    doc: 'Which records are wanted at all. Nothing is lost silently: what is filtered is counted by its rule.',
    settings: { include, exclude },
  },

  containers: {
    doc: 'What is different for one container, by its name. What an entry does not give is as everywhere. An entry that names a group or a bucket is where all lines of its container go: what would otherwise end in files goes there too, so that with a group alone access lines are events of it, and with a bucket alone errors are objects in it.',
    keys: {
      pattern: /^[A-Za-z0-9][\w-]{0,127}$/,
      allowed: 'the name of a container: letters, digits, `-` and `_`',
      example: 'web',
    },
    each: {
      logGroup: { ...logGroup, doc: 'CloudWatch Logs group for error records of this container.' },
      stream: { ...streamName, doc: 'As `events.stream`.' },
      bucket: { ...bucket, doc: 'S3 bucket for access, app and invalid records of this container.' },
      key: { ...objectKey, doc: 'As `objects.key`.' },
      region: { ...region, doc: 'Region of this container\'s group and bucket.' },
      compression: { ...compression, doc: 'As `objects.compression`.' },
      storageClass: { ...storageClass, doc: 'As `s3.storageClass`.' },
      createGroup: { ...createGroup, doc: 'As `cloudwatch.createGroup`.' },
      retentionDays: { ...retentionDays, doc: 'As `cloudwatch.retentionDays`.' },
      groupClass: { ...groupClass, doc: 'As `cloudwatch.groupClass`.' },
      roleArn: { ...roleArn, doc: 'As `aws.roleArn`.' },
      include: { ...include, doc: 'As `filter.include`, which holds as well.' },
      exclude: { ...exclude, doc: 'As `filter.exclude`, which holds as well.' },
    },
  },

  routes: {
    doc: 'The way of each class: where it goes and how much disk it may take meanwhile. When a quota is full, the route\'s oldest bytes go first and are counted; no route touches another\'s quota. No quota is ever more than its part of half of the free disk.',
    settings: {
      access: {
        doc: 'Access lines.',
        settings: {
          maxBytes: {
            type: 'size',
            default: '1GiB',
            min: '1MiB',
            max: '1TiB',
            example: '4GiB',
            doc: 'Disk quota of access records.',
          },
        },
      },
      app: {
        doc: 'Other lines of standard output.',
        settings: {
          to: {
            type: 'choice',
            default: 's3',
            choices: ['s3', 'cloudwatch'],
            example: 'cloudwatch',
            doc: 'Where app records go: as objects beside the access lines, or as log events beside the errors.',
          },
          maxBytes: {
            type: 'size',
            default: '256MiB',
            min: '1MiB',
            max: '1TiB',
            example: '1GiB',
            doc: 'Disk quota of app records.',
          },
        },
      },
      invalid: {
        doc: 'Access lines that cannot be made into JSON.',
        settings: {
          maxBytes: {
            type: 'size',
            default: '64MiB',
            min: '1MiB',
            max: '1TiB',
            example: '256MiB',
            doc: 'Disk quota of invalid records.',
          },
        },
      },
      error: {
        doc: 'Lines of standard error.',
        settings: {
          maxBytes: {
            type: 'size',
            default: '256MiB',
            min: '1MiB',
            max: '1TiB',
            example: '1GiB',
            doc: 'Disk quota of error records.',
          },
        },
      },
    },
  },

  spool: {
    doc: 'The queue on disk between what comes in and what goes out.',
    settings: {
      maxBytes: {
        type: 'size',
        default: 'off',
        canBeOff: true,
        min: '4MiB',
        max: '4TiB',
        example: '512MiB',
        doc: 'Disk quota of all routes together. Where the quotas of the routes, those of single containers among them, add up to more, each is reduced in proportion. Off: their sum.',
      },
      writeBufferBytes: {
        type: 'size',
        default: '2MiB',
        min: '256KiB',
        max: '256MiB',
        example: '8MiB',
        doc: 'Memory of each route for lines that are not written yet. When the disk takes nothing for longer than `spool.maxStall` and it is full, the newest line is dropped and counted.',
      },
      flushInterval: {
        type: 'duration',
        default: '20ms',
        min: '1ms',
        max: '1s',
        example: '50ms',
        doc: 'Longest time a line waits in memory before it is written.',
      },
      maxStall: {
        type: 'duration',
        default: '1s',
        min: '10ms',
        max: '4s',
        example: '500ms',
        doc: 'Longest time that a log socket is not read because the disk is slow. The log driver gives up after 5 s.',
      },
      sync: {
        type: 'choice',
        default: 'never',
        choices: ['never', 'interval', 'always'],
        example: 'interval',
        doc: 'When writes are forced to the device. `never` survives everything but the loss of the machine; the others are for disks that outlive it (EFS, EBS).',
      },
      syncInterval: {
        type: 'duration',
        default: '1s',
        min: '10ms',
        max: '1h',
        example: '5s',
        doc: 'How often, with `sync: interval`.',
      },
      maxOpenSegments: {
        type: 'integer',
        default: 16,
        min: 1,
        max: 256,
        example: '32',
        doc: 'Most segments being written at a time; one more seals the least recently used.',
      },
    },
  },

  objects: {
    doc: 'Routes whose segments become objects: access, invalid, and app unless it goes to CloudWatch.',
    settings: {
      maxBytes: {
        type: 'size',
        default: '32MiB',
        min: '1KiB',
        max: '256MiB',
        example: '8MiB',
        doc: 'Largest object before compression; never more than a quarter of its route\'s quota. An object is held in memory while it is sent.',
      },
      maxAge: {
        type: 'duration',
        default: '60s',
        min: '100ms',
        max: '1h',
        example: '5m',
        doc: 'Oldest record of an object when it is closed. Longer makes fewer, larger objects.',
      },
      compression,
      level: {
        type: 'integer',
        default: 1,
        min: 1,
        max: 19,
        example: '6',
        doc: 'Level of compression: 1 to 9 with gzip, 1 to 19 with zstd. Higher costs CPU of the application\'s task.',
      },
      key: objectKey,
    },
  },

  events: {
    doc: 'Routes whose records become log events: error, and app if it goes to CloudWatch.',
    settings: {
      maxAge: {
        type: 'duration',
        default: '1s',
        min: '50ms',
        max: '1m',
        example: '5s',
        doc: 'How long a record waits for others before it is sent.',
      },
      segmentMaxBytes: {
        type: 'size',
        default: '4MiB',
        min: '16KiB',
        max: '256MiB',
        example: '16MiB',
        doc: 'Largest segment in the spool; never more than a quarter of its route\'s quota.',
      },
      maxMessageBytes: {
        type: 'size',
        default: '1000000B',
        min: '1KiB',
        // The largest that fits a batch. Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
        max: '1048550B',
        example: '256kB',
        doc: 'Longest message, UTF-8 bytes. A longer line is split between characters into numbered parts, counted as made.',
      },
      batchMaxBytes: {
        type: 'size',
        default: '1MiB',
        min: '16KiB',
        // Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
        max: '1MiB',
        example: '256KiB',
        doc: 'Largest batch, as CloudWatch Logs counts it.',
      },
      batchMaxRecords: {
        type: 'integer',
        default: 10000,
        min: 1,
        max: 10000,
        example: '1000',
        doc: 'Most records of a batch.',
      },
      stream: streamName,
    },
  },

  file: {
    doc: 'Delivery to files, which is the way of every route that has no destination in AWS.',
    settings: {
      directory: {
        type: 'path',
        default: '',
        canBeEmpty: true,
        example: '/mnt/logs',
        doc: 'Directory below which files are delivered. Empty: `delivered` in this instance\'s directory of `dataDir`.',
      },
      minFreeBytes: {
        type: 'size',
        default: '64MiB',
        min: '0B',
        max: '1TiB',
        example: '1GiB',
        doc: 'Disk to leave free: with less, delivery waits and the spool keeps the records.',
      },
    },
  },

  cloudwatch: {
    doc: 'CloudWatch Logs, where `logGroup` names a group. Streams are made when they are missing.',
    settings: {
      region,
      createGroup,
      retentionDays,
      groupClass,
      groupTags: {
        type: 'list',
        default: [],
        ...tag,
        // Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
        maxItems: 50,
        unique: 'key',
        example: 'team=web,service=shop',
        doc: 'Tags of a group that Sluice makes. Needs `logs:TagResource`.',
      },
      kmsKeyId: {
        type: 'string',
        default: '',
        example: 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
        pattern: /^(?:arn:aws[a-z-]{0,20}:kms:[a-z0-9-]{1,30}:\d{12}:key\/[\w-]{1,128})?$/,
        allowed: 'the ARN of a key, `arn:aws:kms:region:123456789012:key/id`',
        doc: 'KMS key of a group that Sluice makes; its policy must let CloudWatch Logs use it. Empty: as CloudWatch Logs encrypts by itself.',
      },
      entity: {
        doc: 'What the events are about, for "Explore related" in CloudWatch. Where CloudWatch Logs does not accept it, the events are stored without, with a warning.',
        settings: {
          keyAttributes: {
            type: 'list',
            default: [],
            pattern: /^(?:Type|ResourceType|Identifier|Name|Environment)=\P{Cc}{1,512}$/u,
            allowed: '`key=value`, keys `Type`, `ResourceType`, `Identifier`, `Name` and `Environment`, values of up to 512 characters',
            maxItems: 4,
            unique: 'key',
            example: 'Type=Service,Name=shop,Environment=production',
            doc: 'What identifies it, two at least: `Type=Service` with `Name` and `Environment`, or `Type=AWS::Resource` with `ResourceType` and `Identifier`. None: no entity is sent.',
          },
          attributes: {
            type: 'list',
            default: [],
            pattern: /^[^=\p{Cc}]{1,256}=\P{Cc}{1,512}$/u,
            allowed: '`key=value`, keys of up to 256 and values of up to 512 characters',
            maxItems: 10,
            unique: 'key',
            example: 'PlatformType=AWS::ECS',
            doc: 'What else is known of it. A value with a comma needs the YAML form.',
          },
        },
      },
    },
  },

  s3: {
    doc: 'S3, where `bucket` names a bucket.',
    settings: {
      region,
      ifNoneMatch: {
        type: 'boolean',
        default: true,
        example: 'false',
        doc: 'Whether an object that is there already is left alone (`If-None-Match: *`). Off for stores that do not know it.',
      },
      storageClass,
      acl: {
        type: 'choice',
        default: 'bucket',
        // Those that make logs readable for everyone, or for a service that has no use for them, are not among them.
        choices: ['bucket', 'private', 'bucket-owner-read', 'bucket-owner-full-control'],
        example: 'bucket-owner-full-control',
        doc: 'Canned ACL of objects; `bucket` sends none. Buckets made since April 2023 have ACLs disabled, and take no other than `bucket-owner-full-control`. Needs `s3:PutObjectAcl`.',
      },
      tags: {
        type: 'list',
        default: [],
        ...tag,
        maxItems: 10,
        unique: 'key',
        example: 'team=web,service=shop',
        doc: 'Tags of objects. Needs `s3:PutObjectTagging`; S3 bills each tag of each object.',
      },
      expectedBucketOwner: {
        type: 'string',
        default: '',
        example: '123456789012',
        pattern: /^(?:\d{12})?$/,
        allowed: 'the 12 digits of an account',
        doc: 'Account that the bucket must be of, those of single containers too: S3 refuses objects for a bucket of the same name that is somebody else\'s. Empty: not checked.',
      },
      encryption: {
        type: 'choice',
        default: 'bucket',
        choices: ['bucket', 'AES256', 'aws:kms', 'aws:kms:dsse'],
        example: 'aws:kms',
        doc: 'Encryption of objects: with keys of S3, with a key of KMS, or with that twice; `bucket` sends none, and S3 encrypts as the bucket has it, never not at all.',
      },
      kmsKeyId: {
        type: 'string',
        default: '',
        example: 'alias/logs',
        doc: 'KMS key to encrypt objects with, by its id, ARN or alias; a key of another account by its ARN. It makes `encryption` `aws:kms`. Empty: the key of the bucket, or with `encryption: aws:kms` that of the account, `aws/s3`. Needs `kms:GenerateDataKey`.',
      },
      bucketKey: {
        type: 'boolean',
        default: true,
        example: 'false',
        doc: 'Whether S3 asks KMS once for many objects, with `encryption: aws:kms`. Without, every object is a request that KMS bills.',
      },
      checksum: {
        type: 'choice',
        default: 'CRC32',
        choices: ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'none'],
        example: 'none',
        doc: 'Checksum that objects are sent with, and that S3 keeps. `CRC32` costs least CPU, and is left out with `AWS_REQUEST_CHECKSUM_CALCULATION=when_required`; `none` is for stores that know none. A bucket with Object Lock needs one.',
      },
      contentType: {
        type: 'string',
        default: 'application/x-ndjson',
        example: 'application/json',
        doc: 'Content type of objects.',
      },
    },
  },

  aws: {
    doc: 'Region and credentials are found as every SDK of AWS finds them, `AWS_ENDPOINT_URL` and its forms for one service too.',
    settings: {
      roleArn,
      externalId: {
        type: 'string',
        default: '',
        example: 'shop-4711',
        // Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        pattern: /^(?:[\w+=,.@:/-]{2,1224})?$/,
        allowed: '2 to 1224 letters, digits and `_+=,.@:/-`',
        doc: 'External id that the trust policy of `aws.roleArn` asks for. Empty: none.',
      },
      sessionName: {
        type: 'string',
        default: '',
        example: 'shop-logs',
        pattern: /^(?:[\w+=,.@-]{2,64})?$/,
        allowed: '2 to 64 letters, digits and `_+=,.@-`',
        doc: 'Name of the session of `aws.roleArn`, in CloudTrail and in policies. Empty: `sluice-` and the task.',
      },
      connectionTimeout: {
        type: 'duration',
        default: '5s',
        min: '100ms',
        max: '1m',
        example: '2s',
        doc: 'Longest time to connect to an endpoint.',
      },
    },
  },

  delivery: {
    doc: 'How a destination is asked, and asked again: for as long as the spool has room.',
    settings: {
      requestTimeout: {
        type: 'duration',
        default: '30s',
        min: '100ms',
        max: '10m',
        example: '10s',
        doc: 'Longest time that a request may take.',
      },
      backoffMin: {
        type: 'duration',
        default: '200ms',
        min: '1ms',
        max: '1m',
        example: '1s',
        doc: 'Bound of the pause after the first failure; it doubles with every further one. The pause itself is a random part of it.',
      },
      backoffMax: {
        type: 'duration',
        default: '30s',
        min: '1ms',
        max: '1h',
        example: '5m',
        doc: 'Bound of the pause after many failures.',
      },
      rebuildAfter: {
        type: 'duration',
        default: '5m',
        min: '1s',
        max: '1d',
        example: '10m',
        doc: 'After failing for this long, a destination begins anew, with new connections and credentials.',
      },
    },
  },

  deadLetter: {
    doc: 'Records that a destination refuses for good are kept in `dead-letter` in this instance\'s directory of `dataDir`, with the reason.',
    settings: {
      maxBytes: {
        type: 'size',
        default: '64MiB',
        min: '1MiB',
        max: '1TiB',
        example: '1GiB',
        doc: 'Most disk that the refused records of a route take; the older half goes first.',
      },
    },
  },

  stop: {
    doc: 'What happens on SIGTERM.',
    settings: {
      deadline: {
        type: 'duration',
        default: '25s',
        min: '0s',
        max: '10m',
        example: '110s',
        doc: 'Time to read out the sockets and deliver. Keep it below the `stopTimeout` of the container (30 s unless set); what is left stays in the spool.',
      },
      quiet: {
        type: 'duration',
        default: '1s',
        min: '0s',
        max: '1m',
        example: '3s',
        doc: 'Reading ends when nothing came for this long, or at 40 % of the deadline.',
      },
    },
  },

  firelens: {
    doc: 'What ECS makes for a log router (`firelensConfiguration` of type `fluentbit`).',
    settings: {
      config: {
        type: 'path',
        default: '/fluent-bit/etc/fluent-bit.conf',
        canBeOff: true,
        example: 'off',
        doc: 'Configuration of Fluent Bit that is read at the start, if it is there: what it says holds where neither YAML nor a variable says something else. `sluice migrate` prints it as YAML.',
      },
      healthInput: {
        type: 'address',
        default: 'off',
        example: '127.0.0.1:8877',
        canBeOff: true,
        doc: 'TCP address that takes `{"health":"check"}` of a health check that was made for Fluent Bit. ECS\'s generated configuration sets it to `127.0.0.1:8877`. What comes there is no record.',
      },
    },
  },

  ecs: {
    doc: 'Which task this is, for `{cluster}` and its like, where the task metadata endpoint does not say it.',
    settings: {
      cluster: { type: 'string', default: '', example: 'shop', doc: 'Name of the cluster.' },
      taskArn: {
        type: 'string',
        default: '',
        example: 'arn:aws:ecs:ap-northeast-1:123456789012:task/shop/0123456789abcdef0123456789abcdef',
        doc: 'ARN of the task; its last part is `{task}`, unless `hostId` says it.',
      },
      taskDefinition: {
        type: 'string', default: '', example: 'payment:42', doc: 'Family and revision of the task definition.',
      },
      instanceId: { type: 'string', default: '', example: 'i-0123456789abcdef0', doc: 'EC2 instance on which the task runs.' },
    },
  },

  log: {
    doc: 'Sluice\'s own log lines, on standard output.',
    settings: {
      level: {
        type: 'choice',
        default: 'info',
        choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
        example: 'warn',
        doc: 'Least level that is written.',
      },
    },
  },
} as const satisfies SettingTree

/** The effective settings, frozen: the names of the table, sizes in bytes, durations in ms. */
export type Config = ConfigOf<typeof settings>
