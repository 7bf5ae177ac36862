/* run.c as a library, for record.py: its functions, and its lines for each exercise that is only a
   part of a function. record.py defines RUN_C and writes its lines 233-242 to the file "233-242",
   and so on. u32 and f32 draw a random number from a sampler's state. */
#define TESTING
#include RUN_C

void swiglu(RunState* s, int hidden_dim) {
#include "337-345"
}
void rope(RunState* s, int pos, int dim, int kv_dim, int head_size) {
#include "264-279"
}
void scores(RunState* s, Config* p, int l, int h, int pos, int head_size, int kv_mul) {
    int kv_dim = p->dim, loff = l * p->seq_len * kv_dim;
#include "285-301"
}
void weighted_sum(RunState* s, Config* p, int l, int h, int pos, int head_size, int kv_mul) {
    int kv_dim = p->dim, loff = l * p->seq_len * kv_dim;
#include "287-288"
#include "306-318"
}
void layer(Transformer* transformer, unsigned long long l, int pos) {
#include "233-242"
#include "251-353"
}
void characters(Tokenizer* t, char* text, int8_t bos, int* tokens, int* n_tokens) {
#include "457-534"
}
void merge(Tokenizer* t, int* tokens, int* n_tokens) {
#include "457-470"
#include "536-565"
}
unsigned int u32(Sampler* sampler) { return random_u32(&sampler->rng_state); }
float f32(Sampler* sampler) { return random_f32(&sampler->rng_state); }
