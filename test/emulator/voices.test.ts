import { describe, expect, test } from "@jest/globals";
import { listAt, type Stage, setStage, textAt } from "./client.ts";

const colleague = { token: "pat_colleague", user: { id: "101", name: "colleague" } } as const;
const wav = new File(["RIFF"], "a.wav");

describe("the clone of a voice", () => {
  const clone = (stage: Stage, texts: Readonly<Record<string, string>> = {}, file: File | undefined = wav) =>
    stage.sendForm(
      "POST",
      "/v1/audio/voices/clone",
      { voice_name: "jay", audio_format: "wav", ...texts },
      file,
    );

  test("is a new voice of the personal workspace, or of the one that is named", async () => {
    const stage = setStage({ world: { voiceLimit: 2 } });
    const { world } = stage.emulator;
    const first = await clone(stage, { language: "ja", preview_text: "你好" });
    const second = await clone(stage, { voice_name: "开朗大男孩", space_id: stage.space });
    const ids = [first, second].map((one) => textAt(one, "data.voice_id"));
    expect(ids.map((id) => world.voices.get(id)?.space_id)).toEqual([
      world.personalWorkspace().id,
      stage.space,
    ]);
    const listed = await stage.get("/v1/audio/voices?filter_system_voice=true");
    expect(listAt(listed, "data.voice_list")).toMatchObject([
      {
        voice_id: ids[0],
        name: "jay",
        state: "cloned",
        language_code: "ja",
        preview_text: "你好",
        is_system_voice: false,
        available_training_times: 9,
      },
      { name: "开朗大男孩", language_code: "zh" },
    ]);
  });

  test("uses up a voice that was paid for, which can be trained ten times in all", async () => {
    const stage = setStage();
    const voice_id = textAt(await clone(stage), "data.voice_id");
    expect(await clone(stage)).toMatchObject({ status: 200, body: { code: 4011 } });
    const codes = [];
    for (const _ of Array(10)) codes.push((await clone(stage, { voice_id })).body.code);
    expect(codes).toEqual([...Array(9).fill(0), 4000]);
    expect(stage.emulator.world.voices.get(voice_id)?.name).toBe("jay");
    const system = stage.emulator.world.addVoice({});
    expect((await clone(stage, { voice_id: system.id })).body.code).toBe(4101);
    expect((await clone(stage, { voice_id: "7" })).body.code).toBe(4200);
  });

  test.each<[string, Readonly<Record<string, string>>, File | undefined, number]>([
    ["too long a name", { voice_name: "字".repeat(43) }, wav, 4000],
    ["too long a text", { text: "字".repeat(342) }, wav, 4000],
    ["an unknown language", { language: "de" }, wav, 4000],
    ["a text that differs from the audio", { text: "你好 !!mismatch!!" }, wav, 1109],
    ["an unknown format", { audio_format: "flac" }, wav, 4303],
    ["an empty file", {}, new File([], "a.wav"), 4300],
    ["a file of more than 10 MB", {}, new File([new Uint8Array(10 * 2 ** 20 + 1)], "a.wav"), 4302],
    ["a workspace that isn't there", { space_id: "7" }, wav, 4200],
  ])("is refused with %s", async (_, texts, file, code) => {
    const stage = setStage();
    expect((await clone(stage, texts, file)).body.code).toBe(code);
    expect(stage.emulator.world.voices.size).toBe(0);
  });

  test("takes a file with its format, and an enterprise", async () => {
    const stage = setStage();
    const send = async (to: Stage, texts: Readonly<Record<string, string>>, file?: File) =>
      (await to.sendForm("POST", "/v1/audio/voices/clone", texts, file)).body.code;
    expect(await send(stage, { voice_name: "jay" }, wav)).toBe(4000);
    expect(await send(stage, { voice_name: "jay", audio_format: "wav" })).toBe(4000);
    expect((await clone(setStage({ plan: "personal" }))).body.code).toBe(4101);
    const strict = setStage({ world: { variants: ["strict"] } });
    expect((await clone(strict, { speed: "1" })).body.msg).toBe(
      "Invalid request parameter: speed is unknown",
    );
    expect((await clone(strict)).body.code).toBe(0);
  });
});

describe("voiceprints", () => {
  const groups = "/v1/audio/voiceprint_groups";
  const makeGroup = async (stage: Stage, name = "音箱1的声纹组") =>
    textAt(await stage.post(groups, { name, desc: "客厅" }), "data.id");
  const add = (
    stage: Stage,
    group: string,
    texts: Readonly<Record<string, string>> = {},
    file: File | undefined = wav,
  ) => stage.sendForm("POST", `${groups}/${group}/features`, { name: "妈妈的声音", ...texts }, file);

  test("are grouped; colleagues see all groups, and each user their own", async () => {
    const stage = setStage({ tokens: [colleague] });
    const by = stage.as(colleague.token);
    const mine = await makeGroup(stage);
    const theirs = await makeGroup(by, "音箱2");
    await add(stage, mine);
    const idsOf = async (query: string, asker = stage) =>
      listAt(await asker.get(`${groups}?${query}`), "data.items").map(({ id }) => id);
    expect(await idsOf("", by)).toEqual([mine, theirs]);
    expect(await idsOf("user_id=101", by)).toEqual([theirs]);
    expect((await stage.get(`${groups}?user_id=101`)).body.code).toBe(4101);
    expect(await idsOf(`name=${encodeURIComponent("音箱1")}`)).toEqual([mine]);
    expect(await idsOf(`name=${encodeURIComponent("的声纹组")}`)).toEqual([]);
    expect(await idsOf(`group_id=${theirs}`)).toEqual([theirs]);
    const listed = await stage.get(`${groups}?page_size=1`);
    expect(listed.body.data).toEqual({
      items: [
        {
          id: mine,
          name: "音箱1的声纹组",
          desc: "客厅",
          icon_url: expect.stringMatching(/^https:/),
          user_info: {
            id: "3290203000000017",
            name: "kou_owner",
            nickname: "kou_owner",
            avatar_url: expect.stringMatching(/^https:/),
          },
          feature_count: 1,
          created_at: Date.UTC(2026, 0, 1) / 1000,
          updated_at: Date.UTC(2026, 0, 1) / 1000,
        },
      ],
      total: 2,
    });
  });

  test("belong to their creator, and go with their group", async () => {
    const stage = setStage({ tokens: [colleague] });
    const by = stage.as(colleague.token);
    const group = await makeGroup(stage);
    const feature = `${groups}/${group}/features/${textAt(await add(stage, group), "data.id")}`;
    const change = (asker: Stage) => asker.sendForm("PUT", feature, { name: "妈妈" });
    expect((await change(by)).body.code).toBe(4101);
    expect((await by.remove(feature)).body.code).toBe(4101);
    expect((await by.remove(`${groups}/${group}`)).body.code).toBe(4101);
    const changed = await change(stage);
    expect(changed.body).toMatchObject({ code: 0 });
    expect(changed.body).not.toHaveProperty("data");
    const other = await makeGroup(stage, "b");
    expect((await stage.remove(feature.replace(group, other))).body.code).toBe(4200);
    expect((await stage.put(`${groups}/${group}`, { desc: "" })).body.code).toBe(0);
    expect((await stage.put(`${groups}/7`, { name: "x" })).body.code).toBe(4200);
    expect((await stage.remove(`${groups}/${group}`)).body.code).toBe(0);
    expect(stage.emulator.world.voiceprints.size).toBe(0);
    expect((await stage.get(`${groups}/${group}/features`)).body.code).toBe(4200);
  });

  test("keep what an update leaves out, and hide their audio", async () => {
    const stage = setStage({ world: { variants: ["told-updates", "number-creators"] } });
    const group = await makeGroup(stage);
    const id = textAt(await add(stage, group, { desc: "d" }), "data.id");
    const { voiceprints } = stage.emulator.world;
    const before = voiceprints.get(id)?.sha256;
    stage.clock.ms += 5000;
    const louder = new File(["RIFF2"], "b.pcm");
    const changed = await stage.sendForm(
      "PUT",
      `${groups}/${group}/features/${id}`,
      { sample_rate: "16000" },
      louder,
    );
    expect(changed.body.data).toEqual({ id });
    expect(voiceprints.get(id)?.sha256).not.toBe(before);
    const [shown] = listAt(await stage.get(`${groups}/${group}/features`), "data.items");
    const made = Date.UTC(2026, 0, 1) / 1000;
    expect(shown).toEqual({
      ...{ id, group_id: group, name: "妈妈的声音", desc: "d", created_at: made, updated_at: made + 5 },
      user_info: expect.objectContaining({ id: 3290203000000017 }),
      icon_url: expect.stringMatching(/^https:/),
      audio_url: expect.stringMatching(/^https:/),
    });
  });

  test("are limited in number and size, and are wav or pcm", async () => {
    const stage = setStage({ world: { groupLimit: 1 } });
    const group = await makeGroup(stage);
    const refused = [
      await stage.post(groups, { name: "b" }),
      await stage.put(`${groups}/${group}`, { name: "字".repeat(21) }),
      await stage.put(`${groups}/${group}`, { desc: "字".repeat(501) }),
      await stage.sendForm("POST", `${groups}/${group}/features`, { name: "a" }),
      await add(stage, group, { sample_rate: "8000" }),
      await add(stage, group, { channel: "2" }),
      await add(stage, group, {}, new File(["x"], "a.mp3")),
      await add(stage, group, {}, new File([new Uint8Array(4 * 2 ** 20 + 1)], "a.wav")),
      await stage.get(`${groups}?page_size=201`),
      await add(stage, "7"),
    ].map(({ body }) => body.code);
    expect(refused).toEqual([4000, 4000, 4000, 4000, 4000, 4000, 4303, 4302, 4000, 4200]);
    const codes = [];
    for (const _ of Array(11)) codes.push((await add(stage, group)).body.code);
    expect(codes).toEqual([...Array(10).fill(0), 4000]);
  });
});
