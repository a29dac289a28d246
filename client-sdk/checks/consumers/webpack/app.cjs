const { createClient } = require('@s3-workers/client-sdk');

exports.client = createClient({ baseUrl: 'https://api.example.com' });
