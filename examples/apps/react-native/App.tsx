/** Photos are picked from the library, their walls are painted, and each is shown as it comes. */
import AsyncStorage from '@react-native-async-storage/async-storage';
import { createClient } from '@s3-workers/client-sdk';
import { errorText } from '@s3-workers/client-sdk/messages';
import { useUpload } from '@s3-workers/client-sdk/react';
import { Button, FlatList, Image, SafeAreaView, Text } from 'react-native';
import { launchImageLibrary } from 'react-native-image-picker';

const client = createClient({ baseUrl: 'https://api.example.com', storage: AsyncStorage });

export function App() {
  const upload = useUpload(client);

  async function pick() {
    const { assets = [] } = await launchImageLibrary({ mediaType: 'photo', selectionLimit: 0 });
    upload.add(
      assets.map(({ uri = '', fileName = 'photo.jpg', type = 'image/jpeg' }) => ({ uri, name: fileName, type })),
    );
  }
  const apply = () =>
    upload.start({
      preset: 'interior',
      concepts: { Wall: { action: 'recolor', value: '#7e9cc9' } },
      onInvalid: 'skip',
    });

  return (
    <SafeAreaView>
      <Button title="Pick photos" onPress={pick} />
      <Button title="Apply" onPress={apply} disabled={upload.files.length === 0 || upload.running} />
      {upload.running && <Text>{Math.round(upload.progress * 100)} %</Text>}
      {upload.error && <Text>{errorText(upload.error, 'en')}</Text>}
      <FlatList
        data={upload.items}
        keyExtractor={({ idx }) => String(idx)}
        renderItem={({ item }) => (
          <>
            {item.previewUrl && <Image source={{ uri: item.previewUrl }} style={{ height: 160 }} />}
            <Text>{`${item.name}: ${item.error ?? item.status}`}</Text>
          </>
        )}
      />
    </SafeAreaView>
  );
}
