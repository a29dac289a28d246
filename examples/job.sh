#!/usr/bin/env bash
# A whole job with curl and jq alone: sign in, create, upload, confirm, execute, wait, download.
#
#   examples/job.sh [PHOTO…]        photos default to examples/photos/seller/*.jpg
#   BASE_URL   where the backend is      (default http://127.0.0.1:8787)
#   PRESET     interior or seller        (default seller)
#   FORMAT     jpeg, png or webp         (default jpeg)
#   RULE       a JSON file { concepts, protect }  (default examples/rules/$PRESET.json)
#   OUT        where results go, each named as its photo; a second one of a name gets a number  (default job-output)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
base=${BASE_URL:-http://127.0.0.1:8787}
preset=${PRESET:-seller}
format=${FORMAT:-jpeg}
rule=${RULE:-$here/rules/$preset.json}
out=${OUT:-job-output}
photos=("$@")
[ ${#photos[@]} -gt 0 ] || photos=("$here/photos/$preset"/*.jpg)
# A name may begin with a dash, which programs take for an option, or be one, which curl takes for standard input.
for idx in "${!photos[@]}"; do [[ ${photos[idx]} == */* ]] || photos[idx]=./${photos[idx]}; done
token=

# One call: mutation NAME JSON, or query NAME JSON. Prints the result; an error ends the script with its code and message.
answer() {
  if jq -e .error >/dev/null <<<"$1"; then
    jq -r '.error.json | "\(.data.errorCode): \(.message) (request \(.data.requestId))"' <<<"$1" >&2
    exit 1
  fi
  jq -c .result.data.json <<<"$1"
}
mutation() {
  answer "$(curl -sS "$base/trpc/$1" -H 'content-type: application/json' ${token:+-H "authorization: Bearer $token"} -d "{\"json\":$2}")"
}
query() {
  answer "$(curl -sS -G "$base/trpc/$1" ${token:+-H "authorization: Bearer $token"} --data-urlencode "input={\"json\":$2}")"
}
# What the photo is, by its bytes; nothing for a file that is none.
type_of() {
  case $({ head -c 12 <"$1"; } 2>/dev/null | od -An -tx1 | tr -d ' \n') in
    ffd8ff*) echo image/jpeg ;;
    89504e470d0a1a0a*) echo image/png ;;
    52494646????????57454250*) echo image/webp ;;
  esac
}
# What a result of photo $1 is called without its ending: the photo's own name, as far as file systems take it (255 bytes). One that was
# given out is taken, whatever its case: a folder that can't be made again shows it, as the file system itself compares names.
taken=$(mktemp -d)
name_for() {
  local stem name n
  stem=$(jq -Rrs 'gsub("[\\x00-\\x1f\\x7f]"; "_") | if test("^[.]*[^.]+$") then . else sub("[.][^.]*$"; "") end
    | until(utf8bytelength <= 200; .[:-1])' < <(printf %s "${1##*/}"))
  for ((n = 1; n <= 1000; n++)); do
    name=$stem
    [ $n -eq 1 ] || name=$stem-$n
    mkdir "$taken/$(jq -Rrs ascii_downcase < <(printf %s "$name"))." 2>/dev/null || continue
    printf %s "$name"
    return
  done
  echo "no name is left for $1" >&2
  return 1
}

# Whatever ends this script early also ends its job, so that nothing stays reserved.
job_id=
give_up() {
  local code=$?
  rm -rf "$taken"
  [ $code -eq 0 ] || [ -z "$job_id" ] || mutation jobs.cancel "{\"jobId\":\"$job_id\"}" >/dev/null 2>&1 || true
  exit $code
}
trap give_up EXIT

signup_key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
token=$(mutation auth.anon "{\"idempotencyKey\":\"$signup_key\"}" | jq -r .token)
me=$(query user.me null)
echo "signed in: $(jq -r '"\(.userId), \(.credits.balance) credits"' <<<"$me")"

described='[]'
refused=0
for photo in "${photos[@]}"; do
  type=$(type_of "$photo")
  if [ -z "$type" ]; then
    printf '%q: no JPEG, PNG or WebP photo\n' "$photo" >&2
    refused=$((refused + 1))
    continue
  fi
  described=$(jq -c --arg type "$type" --argjson bytes "$(wc -c <"$photo")" '. + [{contentType: $type, bytes: $bytes}]' <<<"$described")
done
[ $refused -eq 0 ] || exit 1
job=$(mutation jobs.create "{\"preset\":\"$preset\",\"photos\":$described}")
job_id=$(jq -r .jobId <<<"$job")
echo "job $job_id"

for idx in "${!photos[@]}"; do
  upload=$(jq -c --argjson idx "$idx" '.uploads[] | select(.idx == $idx)' <<<"$job")
  headers=()
  while IFS= read -r header; do headers+=(-H "$header"); done < <(jq -r '.headers | to_entries[] | "\(.key): \(.value)"' <<<"$upload")
  curl -sS --fail-with-body -o /dev/null -X PUT "${headers[@]}" --data-binary "@${photos[$idx]}" "$(jq -r .url <<<"$upload")"
  printf 'uploaded %q\n' "${photos[$idx]##*/}"
done

mutation jobs.confirmUpload "{\"jobId\":\"$job_id\"}" >/dev/null
choice=$(jq -c --arg id "$job_id" --arg format "$format" '{jobId: $id, concepts, protect, format: $format}' "$rule")
executed=$(mutation jobs.execute "$choice")
echo "executing: $(jq -r .status <<<"$executed")"

for ((try = 0; try < ${TRIES:-300}; try++)); do
  view=$(query jobs.get "{\"jobId\":\"$job_id\"}")
  line=$(jq -r '"\(.status): \(.progress.done) done, \(.progress.failed) failed of \(.progress.total)"' <<<"$view")
  [ "$line" = "${last_line:-}" ] || echo "$line"
  last_line=$line
  case $(jq -r .status <<<"$view") in done | failed | canceled) break ;; esac
  sleep 1
done

mkdir -p -- "$out"
extension=${format/jpeg/jpg}
while IFS=$'\t' read -r idx url; do
  name=$(name_for "${photos[$idx]}").$extension
  curl -sS --fail "$url" >"$out/$name"
  printf 'wrote %q\n' "$out/$name"
done < <(jq -r '.items[] | select(.status == "done") | "\(.idx)\t\(.resultUrl)"' <<<"$view")
jq -r '.items[] | select(.status == "failed") | "photo \(.idx) failed: \(.error)"' <<<"$view"
me=$(query user.me null)
echo "charged $(jq -r .charged <<<"$view"), $(jq -r '"\(.credits.balance) credits left"' <<<"$me")"
[ "$(jq -r .status <<<"$view")" = done ]
